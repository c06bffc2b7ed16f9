"""What custody records."""

from apps.ledger.registry import register

register(
    {
        "custody.key.created": "Made a data key",
        "custody.key.rotated": "Rotated a data key",
        "custody.key.rewrapped": "Wrapped a data key by the configured providers",
        "custody.key.retired": "Retired a data key that nothing uses",
        "custody.own_key.supplied": "Supplied the organisation's own key",
        "custody.own_key.replaced": "Replaced the organisation's own key",
        "custody.own_key.revoked": "Revoked the organisation's own key",
        "custody.own_key.restored": "Restored the organisation's own key",
        "custody.signing_key.rotated": "Rotated a signing key of the installation",
        "custody.subject.erased": "Erased a person's sealed details",
        "custody.token.issued": "Issued a token",
        "custody.token.ended": "Ended a token",
        "custody.token.fenced": "Set the networks of a token",
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
        "custody.tokencaller": "caller of a token",
    },
)
