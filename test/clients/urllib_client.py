"""A client of the Administration API with nothing but Python's own library: urllib, a cookie jar, the system's TLS."""

import json
import random
import ssl
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

URL, CA_FILE, USER, PASSWORD = sys.argv[1:5]


class Client:
    def __init__(self):
        self.jar = CookieJar()
        context = ssl.create_default_context(cafile=CA_FILE)
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(self.jar)
        )
        self.token = None

    def call(self, method, params=None):
        number = random.randrange(2**62, 2**63)
        body = {"jsonrpc": "2.0", "id": number, "method": method}
        if params is not None:
            body["params"] = params
        headers = {"Content-Type": "application/json-rpc", "Accept": "application/json-rpc"}
        if self.token:
            headers["X-Token"] = self.token
            body["token"] = self.token
        data = (json.dumps(body) + "\r\n").encode()
        request = urllib.request.Request(URL + "/admin/api/jsonrpc/", data=data, headers=headers)
        with self.opener.open(request, timeout=20) as response:
            answer = json.load(response)
        if answer["id"] != number:
            raise SystemExit("the answer is of another call")
        return answer

    def form(self, path, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with self.opener.open(URL + path, data=data, timeout=20) as response:
            return response.geturl(), response.read().decode()

    def cookie(self, name):
        return next((each.value for each in self.jar if each.name == name), None)


def main():
    seen = {}
    client = Client()
    application = {"name": "urllib", "vendor": "Python", "version": "3"}
    wrong = client.call("Session.login", {"userName": USER, "password": PASSWORD + "x", "application": application})
    seen["wrongPassword"] = wrong["error"]["message"]
    login = client.call("Session.login", {"userName": USER, "password": PASSWORD, "application": application})
    client.token = login["result"]["token"]
    seen["tokenIsCookie"] = client.token == client.cookie("TOKEN_CONNECT_WEBADMIN")
    domain = client.call("Domains.get", {"query": {"fields": ["id", "name"], "limit": -1}})["result"]["list"][0]
    users = [{"domainId": domain["id"], "loginName": name, "password": "Xk7-pretty-long"} for name in ("jdoe", "j doe")]
    created = client.call("Users.create", {"users": users})["result"]
    seen["created"] = [each["inputIndex"] for each in created["result"]]
    seen["refused"] = [each["inputIndex"] for each in created["errors"]]
    exported = client.call("Users.exportToCsv", {"filename": "u.csv", "query": {}, "domainId": domain["id"]})
    seen["csv"] = client.form(exported["result"]["fileDownload"]["url"])[1].splitlines()[1]
    client.call("Session.logout")
    seen["secondLogout"] = client.call("Session.logout")["error"]["code"]

    browser = Client()
    browser.form("/admin/login/")
    fields = {"kerio_username": USER, "kerio_password": PASSWORD}
    fields["kerio_csrf_token"] = browser.cookie("TOKEN_CONNECT_WEBADMIN")
    seen["formLedTo"] = browser.form("/admin/login/dologin", fields)[0][len(URL) :]
    browser.token = browser.cookie("TOKEN_CONNECT_WEBADMIN")
    seen["formUser"] = browser.call("Session.whoAmI", {})["result"]["userDetails"]["loginName"]
    print(json.dumps(seen))


main()
