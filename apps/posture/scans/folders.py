"""Where a file stands in an org, whatever project or zip it came in.

`force-app/main/default/classes/A.cls` and `unpackaged/classes/A.cls` are the same file of the org.
Folder names: Metadata API, `metadata.xml` directory names of the types that the scan reads.
"""

from pathlib import PurePosixPath

_FOLDERS = frozenset({
    "classes", "triggers", "pages", "components", "lwc", "aura", "flows", "objects",
    "namedCredentials", "externalCredentials", "remoteSiteSettings", "cspTrustedSites",
    "externalServiceRegistrations", "connectedApps", "extlClntAppOauthSettings",
    "extlClntAppOauthPolicies", "extlClntAppPolicies", "installedPackages", "customMetadata",
    "labels", "workflows", "settings", "permissionsets", "profiles", "staticresources",
    "authproviders", "sharingRules", "extlClntAppGlobalOauthSets",
})  # fmt: skip
_META = "-meta.xml"


def place_of(path: str) -> str:
    """The path from the folder of its metadata type on; the whole path when there is none."""
    parts = PurePosixPath(path.removesuffix(_META)).parts
    if len(parts) >= 4 and parts[-4] == "objects" and parts[-2] == "fields":
        return f"objects/{parts[-3]}.object"  # where metadata format keeps an object's fields
    for number, part in enumerate(parts[:-1]):
        if part in _FOLDERS:
            return "/".join(parts[number:])
    return "/".join(parts)
