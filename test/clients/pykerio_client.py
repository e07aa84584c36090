"""A session with PyKerio, a client library that others wrote for Kerio's servers: its calls, and its own types of what comes."""

import json
import sys

from pykerio import PyKerioConnect
from pykerio.enums import ByteUnits, CompareOperator, LogicalOperator, SortDirection
from pykerio.interfaces.session import Session
from pykerio.lists import CreateResultList, ErrorList, NamedValueList, SortOrderList, StringList, SubConditionList
from pykerio.structs import ApiApplication, SearchQuery, SizeLimit, SortOrder, SubCondition

HOST, PORT, USER, PASSWORD = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def refusal(action):
    try:
        action()
    except Exception as error:
        return str(error)
    return None


def query(fields, conditions=()):
    return SearchQuery(
        {
            "fields": StringList(fields),
            "conditions": SubConditionList(conditions),
            "combining": LogicalOperator.And,
            "start": 0,
            "limit": -1,
            "orderBy": SortOrderList(
                [SortOrder({"columnName": "loginName", "direction": SortDirection.Desc, "caseSensitive": False})]
            ),
        }
    )


def typed(kind, rows):
    found = kind()
    found.load(rows)
    return found


def main():
    seen = {}
    api = PyKerioConnect(HOST, PORT)
    session = Session(api)
    application = ApiApplication({"name": "PyKerio", "vendor": "Python", "version": "0.5"})
    seen["wrongPassword"] = refusal(lambda: session.login(USER, PASSWORD + "x", application))
    seen["anonymous"] = refusal(lambda: api.request_rpc("Users.get", {"query": query(["id"])}))
    session.login(USER, PASSWORD, application)

    domain = api.request_rpc("Domains.get", {"query": query(["id", "name"])}).result["list"][0]
    users = [
        {
            "domainId": domain["id"],
            "loginName": name,
            "password": "Xk7-pretty-long",
            "diskSizeLimit": SizeLimit({"isActive": True, "limit": {"value": 2, "units": "GigaBytes"}}).dump(),
        }
        for name in ("jdoe", "j doe", "jsmith")
    ]
    created = api.request_rpc("Users.create", {"users": users}).result
    seen["created"] = [each["inputIndex"] for each in typed(CreateResultList, created["result"])]
    errors = typed(ErrorList, created["errors"])
    seen["refused"] = [each["inputIndex"] for each in errors]
    seen["refusedFor"] = list(errors[0]["messageParameters"]["positionalParameters"])

    is_j = SubCondition({"fieldName": "loginName", "comparator": CompareOperator.Like, "value": "j*"})
    fields = ["id", "loginName", "diskSizeLimit"]
    found = api.request_rpc("Users.get", {"query": query(fields, [is_j]), "domainId": domain["id"]}).result
    seen["found"] = [each["loginName"] for each in found["list"]]
    limit = SizeLimit(found["list"][0]["diskSizeLimit"])
    seen["limit"] = [limit["isActive"], limit["limit"]["value"], limit["limit"]["units"] is ByteUnits.GigaBytes]
    constants = api.request_rpc("Server.getNamedConstantList", {}).result["constants"]
    seen["constants"] = len(typed(NamedValueList, constants)) > 0

    session.logout()
    seen["secondLogout"] = refusal(session.logout)
    print(json.dumps(seen))


main()
