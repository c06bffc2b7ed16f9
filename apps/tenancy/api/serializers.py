"""People of a tenant as the API shows them, and what giving a role takes."""

from typing import Any

from rest_framework import serializers

from apps.tenancy.selectors import Member


class MemberSerializer(serializers.Serializer[Any]):
    """A person with all their roles in this tenant."""

    id = serializers.UUIDField(source="user.pk")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    roles = serializers.SerializerMethodField()

    def get_roles(self, member: Member) -> list[str]:
        return sorted(member.roles)


class GiveRoleSerializer(serializers.Serializer[Any]):
    """A role for someone who has an account, with a fresh one-time code."""

    email = serializers.CharField(max_length=254)
    role = serializers.CharField(max_length=20)
    code = serializers.CharField(max_length=12)


class TakeRoleSerializer(serializers.Serializer[Any]):
    """A fresh one-time code."""

    code = serializers.CharField(max_length=12)
