"""Sends one text with smpplib and waits for its receipts: see smsc.rs. Arguments: port, system_id, password, text."""
import json
import re
import sys

import smpplib.client
import smpplib.consts
import smpplib.gsm

port, system_id, password, text = sys.argv[1:]
client = smpplib.client.Client("127.0.0.1", int(port), timeout=20, allow_unknown_opt_params=True)
ids, receipts = [], []
client.set_message_sent_handler(lambda pdu: ids.append(pdu.message_id.decode()))


def received(pdu):
    receipts.append(re.search(rb"id:(\S+) .*stat:DELIVRD", pdu.short_message).group(1).decode())
    return smpplib.consts.SMPP_ESME_ROK


client.set_message_received_handler(received)
client.connect()
client.bind_transceiver(system_id=system_id, password=password)
parts, encoding, esm_class = smpplib.gsm.make_parts(text)
for part in parts:
    client.send_message(
        source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
        source_addr="Example",
        dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
        destination_addr="4915123456789",
        short_message=part,
        data_coding=encoding,
        esm_class=esm_class,
        registered_delivery=True,
    )
while len(ids) < len(parts) or len(receipts) < len(parts):
    client.read_once()
client.unbind()
client.disconnect()
print(json.dumps({"ids": ids, "receipts": receipts}))
