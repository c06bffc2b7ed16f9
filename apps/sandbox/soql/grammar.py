"""The grammar of SOQL, as the Object Query Language reference has it."""

GRAMMAR = r"""
query: SELECT items FROM source where? group? having? order? limit? offset? suffix*
items: item ("," item)*
item: PATH NAME?                              -> field
    | PATH "(" ")" NAME?                      -> count_all
    | PATH "(" PATH ("," PATH)* ")" NAME?     -> call
    | "(" query ")"                           -> subquery
source: PATH (AS? NAME)?
where: WHERE condition
group: GROUP BY operand ("," operand)*
having: HAVING condition
order: ORDER BY ordering ("," ordering)*
ordering: operand DIRECTION? (NULLS NULLS_AT)?
limit: LIMIT NUMBER
offset: OFFSET NUMBER
suffix: FOR PURPOSE | ALL ROWS -> all_rows

?condition: unit
    | unit (AND unit)+   -> all_of
    | unit (OR unit)+    -> any_of
?unit: comparison
    | NOT unit           -> negation
    | "(" condition ")"
comparison: operand OPERATOR value            -> compare
    | operand LIKE STRING                     -> like
    | operand IN collection                   -> within
    | operand NOT IN collection               -> without
    | operand INCLUDES strings                -> includes
    | operand EXCLUDES strings                -> excludes
operand: PATH
    | PATH "(" PATH? ")"                      -> operand_call
collection: "(" value ("," value)* ")"        -> values
    | "(" query ")"                           -> semi_join
strings: "(" STRING ("," STRING)* ")"
?value: STRING      -> text
    | DATETIME      -> datetime
    | DATE          -> date
    | NUMBER        -> number
    | TRUE          -> true
    | FALSE         -> false
    | NULL          -> null
    | DATE_LITERAL  -> date_literal

SELECT.3: /SELECT(?!\w)/i
FROM.3: /FROM(?!\w)/i
AS.3: /AS(?!\w)/i
WHERE.3: /WHERE(?!\w)/i
GROUP.3: /GROUP(?=\s+BY\b)/i
HAVING.3: /HAVING(?!\w)/i
ORDER.3: /ORDER(?=\s+BY\b)/i
BY.3: /BY(?!\w)/i
LIMIT.3: /LIMIT(?!\w)/i
OFFSET.3: /OFFSET(?!\w)/i
FOR.3: /FOR(?!\w)/i
ALL.3: /ALL(?=\s+ROWS\b)/i
ROWS.3: /ROWS(?!\w)/i
PURPOSE.3: /(VIEW|REFERENCE|UPDATE)(?!\w)/i
DIRECTION.3: /(ASC|DESC)(?!\w)/i
NULLS.3: /NULLS(?!\w)/i
NULLS_AT.3: /(FIRST|LAST)(?!\w)/i
AND.3: /AND(?!\w)/i
OR.3: /OR(?!\w)/i
NOT.3: /NOT(?!\w)/i
LIKE.3: /LIKE(?!\w)/i
IN.3: /IN(?!\w)/i
INCLUDES.3: /INCLUDES(?!\w)/i
EXCLUDES.3: /EXCLUDES(?!\w)/i
TRUE.3: /TRUE(?!\w)/i
FALSE.3: /FALSE(?!\w)/i
NULL.3: /NULL(?!\w)/i
OPERATOR: "<=" | ">=" | "!=" | "<>" | "=" | "<" | ">"
STRING: /'(\\.|[^'\\])*'/
DATETIME.4: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+ -]\d\d:?\d\d)/i
DATE.3: /\d{4}-\d\d-\d\d(?!T)/
NUMBER: /[+-]?\d+(\.\d+)?(?![\w-])/
DATE_LITERAL.1: /[A-Za-z_]+(:\d+)?/
PATH.1: /(?!(?:SELECT|FROM|WHERE)\b)[A-Za-z_]\w*(\.[A-Za-z_]\w*)*/i
NAME.1: /(?!(?:SELECT|FROM|WHERE)\b)[A-Za-z_]\w*/i
%ignore /\s+/
"""
