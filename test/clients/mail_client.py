"""A mail program with nothing but Python's own library: imaplib and smtplib, the system's TLS."""

import base64
import imaplib
import json
import smtplib
import ssl
import sys

# One JSON object on standard input: imap, submission (host and port), caFile, and what to do with which login.
work = json.load(sys.stdin)
context = ssl.create_default_context(cafile=work["caFile"])


def mailbox(user, password):
    client = imaplib.IMAP4(work["imap"]["host"], work["imap"]["port"], timeout=20)
    client.starttls(context)
    client.login(user, password)
    return client


def read(user, password):
    """All messages of the inbox as they lie there, by UID."""
    client = mailbox(user, password)
    folders = [line.decode().split(' "/" ')[1].strip('"') for line in client.list()[1]]
    client.select("INBOX", readonly=True)
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    messages = {}
    for uid in uids:
        data = client.uid("FETCH", uid, "(UID RFC822.SIZE BODY.PEEK[])")[1]
        messages[uid.decode()] = base64.b64encode(data[0][1]).decode()
    client.close()
    client.logout()
    return {"folders": folders, "messages": messages}


def send(user, password, sender, recipient, message):
    with smtplib.SMTP(work["submission"]["host"], work["submission"]["port"], timeout=20) as server:
        server.starttls(context=context)
        server.login(user, password)
        server.sendmail(sender, [recipient], base64.b64decode(message))


def refusal(user, password):
    """What the two services answer to a login that must not succeed."""
    answers = {}
    try:
        mailbox(user, password)
        answers["imap"] = "logged in"
    except imaplib.IMAP4.error as error:
        answers["imap"] = error.args[0].decode()
    try:
        send(user, password, "a@example.com", "b@example.com", "")
        answers["submission"] = 235
    except smtplib.SMTPAuthenticationError as error:
        answers["submission"] = error.smtp_code
    return answers


print(json.dumps({"read": read, "send": send, "refusal": refusal}[work["action"]](*work["arguments"])))
