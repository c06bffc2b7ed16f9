"""Powers: what a route, a menu entry or a service asks for. Roles give them (see `roles`)."""

READ_OVERVIEW = "overview.read"
MANAGE_MEMBERS = "members.manage"
MANAGE_API_TOKENS = "tokens.manage"
MANAGE_KEYS = "keys.manage"
MANAGE_CONNECTIONS = "connections.manage"
MANAGE_POLICY = "policy.manage"
READ_APPS = "apps.read"
APPROVE_BASELINE = "baseline.approve"
SCAN_METADATA = "metadata.scan"
RUN_SYNC = "sync.run"
READ_SYNC = "sync.read"
REQUEST_EMERGENCY = "emergency.request"
APPROVE_EMERGENCY = "emergency.approve"
READ_EMERGENCY = "emergency.read"
END_EMERGENCY = "emergency.end"
OPEN_REVIEW = "reviews.open"
DECIDE_REVIEW = "reviews.decide"
READ_REVIEWS = "reviews.read"
READ_LEDGER = "ledger.read"
READ_PERSONAL = "personal.read"  # values in the ledger that are sealed for their person
READ_CONTROLS = "controls.read"
READ_CHANGES = "changes.read"
PROPOSE_CHANGE = "changes.propose"
APPROVE_CHANGE = "changes.approve"  # of somebody else; nobody approves their own
EXPORT = "export"  # packs and downloads: a power of its own (operating never implies it)

WORDS: dict[str, str] = {
    READ_OVERVIEW: "see the overview",
    MANAGE_MEMBERS: "manage members",
    MANAGE_API_TOKENS: "manage API tokens",
    MANAGE_KEYS: "manage encryption keys",
    MANAGE_CONNECTIONS: "connect and change orgs",
    MANAGE_POLICY: "change zones, endpoints and flow policy",
    READ_APPS: "see connected apps and scopes",
    APPROVE_BASELINE: "approve a scope baseline",
    SCAN_METADATA: "scan an org's metadata",
    RUN_SYNC: "run sync jobs",
    READ_SYNC: "see sync jobs",
    REQUEST_EMERGENCY: "request emergency access",
    APPROVE_EMERGENCY: "approve emergency access",
    READ_EMERGENCY: "see emergency access",
    END_EMERGENCY: "end emergency access early",
    OPEN_REVIEW: "open access reviews",
    DECIDE_REVIEW: "decide review items",
    READ_REVIEWS: "see access reviews",
    READ_LEDGER: "read the ledger",
    READ_PERSONAL: "see personal details in the ledger",
    READ_CONTROLS: "see the control catalogue and run its checks",
    READ_CHANGES: "see proposed changes",
    PROPOSE_CHANGE: "propose changes",
    APPROVE_CHANGE: "approve changes that others propose",
    EXPORT: "build and download evidence packs",
}
