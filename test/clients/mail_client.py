"""A mail program with nothing but Python's own library: imaplib and smtplib, inside the system's TLS."""

import base64
import imaplib
import json
import smtplib
import ssl
import sys

# One JSON object on standard input: imap, smtp (host and port of the secure services), caFile, and what to do with which login.
work = json.load(sys.stdin)
context = ssl.create_default_context(cafile=work["caFile"])


def mailbox(user, password):
    client = imaplib.IMAP4_SSL(work["imap"]["host"], work["imap"]["port"], ssl_context=context, timeout=20)
    client.login(user, password)
    return client


def everything(client, folder):
    """All messages of a folder as they lie there, by UID."""
    client.select(f'"{folder}"', readonly=True)
    messages = {}
    for uid in client.uid("SEARCH", "ALL")[1][0].split():
        data = client.uid("FETCH", uid, "(UID RFC822.SIZE BODY.PEEK[])")[1]
        messages[uid.decode()] = base64.b64encode(data[0][1]).decode()
    client.close()
    return messages


def read(user, password):
    client = mailbox(user, password)
    folders = [line.decode().split(' "/" ')[1].strip('"') for line in client.list()[1]]
    inbox, sent = everything(client, "INBOX"), everything(client, "Sent Items")
    client.logout()
    return {"folders": folders, "messages": inbox, "sent": sent}


def send(user, password, sender, recipient, message):
    smtp = work["smtp"]
    with smtplib.SMTP_SSL(smtp["host"], smtp["port"], context=context, timeout=20) as server:
        server.login(user, password)
        server.sendmail(sender, [recipient], base64.b64decode(message))
    client = mailbox(user, password)
    client.append('"Sent Items"', "(\\Seen)", None, base64.b64decode(message))
    client.logout()


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
        answers["smtp"] = 235
    except smtplib.SMTPAuthenticationError as error:
        answers["smtp"] = error.smtp_code
    return answers


print(json.dumps({"read": read, "send": send, "refusal": refusal}[work["action"]](*work["arguments"])))
