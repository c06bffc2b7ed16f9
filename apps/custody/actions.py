"""What custody records."""

from apps.ledger.registry import register

register(
    {
        "custody.key.created": "Made a data key",
        "custody.signing_key.rotated": "Rotated a signing key of the installation",
        "custody.subject.erased": "Erased a person's sealed details",
        "custody.token.issued": "Issued a token",
        "custody.token.ended": "Ended a token",
        "custody.token.revealed": "Showed a token's secret to its holder, once",
    },
    area="Keys and tokens",
    things={
        "custody.datakey": "data key",
        "custody.keywork": "resealing",
        "custody.signingkey": "signing key",
        "custody.subjectkey": "key of a person",
        "custody.tenantkey": "own key",
        "custody.issuedtoken": "token",
    },
)
