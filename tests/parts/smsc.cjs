// A short message centre that fails as it is told: see smsc.rs.
// Its settings come as JSON in the first argument; its modules are found through NODE_PATH.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const smpp = require('smpp');

const settings = JSON.parse(process.argv[2]);
const state = { binds: [], unbinds: 0, texts: [], answered: [], most_under_way: 0, enquiries: 0 };
let script = { rules: [], receipts: 'none', hex_ids: false };
let underWay = 0;
let count = 0;
const listeners = new Set();

// The first rule of this stage that fits and is not used up; it counts its uses.
function fault(stage, address) {
    for (const rule of script.rules) {
        if (rule.stage !== stage || (rule.address && !address.includes(rule.address))) continue;
        rule.seen = (rule.seen || 0) + 1;
        if (rule.every && rule.seen % rule.every !== 0) continue;
        if (rule.times !== undefined && (rule.used || 0) >= rule.times) continue;
        rule.used = (rule.used || 0) + 1;
        return rule;
    }
    return null;
}

// To whoever was bound last: a centre sends what comes in to one of a customer's sessions.
function deliver(pdu) {
    const session = [...listeners].pop();
    if (session) session.deliver_sm(pdu, (answer) => state.answered.push(answer.command_status));
}

function receipt(id, pdu) {
    const words = (named) =>
        `${named}sub:001 dlvrd:001 submit date:2603011200 done date:2603011201 stat:DELIVRD err:000 text:We know`;
    const answer = { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4 };
    const told = script.hex_ids ? String(parseInt(id, 16)).padStart(10, '0') : id;
    if (script.receipts === 'text') deliver({ ...answer, short_message: words(`id:${told} `) });
    if (script.receipts === 'parameters') {
        deliver({ ...answer, short_message: '', receipted_message_id: told, message_state: 2 });
    }
}

function bind(session, role) {
    return (pdu) => {
        const rule = fault('bind', pdu.system_id);
        if (rule && rule.drop) return session.destroy();
        const right = pdu.system_id === settings.login[0] && pdu.password === settings.login[1];
        const status = rule ? rule.status : right ? 0 : smpp.ESME_RINVPASWD;
        session.send(pdu.response({ command_status: status, system_id: 'smsc' }));
        if (status !== 0) return;
        state.binds.push(role);
        if (role !== 'transmitter') listeners.add(session);
    };
}

function submit(session) {
    return (pdu) => {
        underWay += 1;
        state.most_under_way = Math.max(state.most_under_way, underWay);
        const rule = fault('submit', pdu.destination_addr);
        const answer = () => {
            underWay -= 1;
            if (rule && rule.drop && !rule.keep) return session.destroy();
            const status = (rule && rule.status) || 0;
            if (status !== 0) return session.send(pdu.response({ command_status: status }));
            count += 1;
            const id = script.hex_ids ? (1000 + count).toString(16).toUpperCase() : `smsc-${count}`;
            const body = pdu.message_payload || pdu.short_message;
            state.texts.push({
                from: pdu.source_addr,
                from_type: [pdu.source_addr_ton, pdu.source_addr_npi],
                to: pdu.destination_addr,
                to_type: [pdu.dest_addr_ton, pdu.dest_addr_npi],
                text: body.message.toString(),
                header: body.udh ? [...Buffer.concat(body.udh)] : null,
                payload: Boolean(pdu.message_payload),
                coding: pdu.data_coding,
                receipt: pdu.registered_delivery,
                id,
            });
            if (rule && rule.drop) return session.destroy();
            session.send(pdu.response({ message_id: id }));
            if (pdu.registered_delivery) receipt(id, pdu);
        };
        if (rule && rule.delay) setTimeout(answer, rule.delay);
        else answer();
    };
}

function listen(port, options) {
    const server = smpp.createServer(options, (session) => {
        session.on('bind_transceiver', bind(session, 'transceiver'));
        session.on('bind_transmitter', bind(session, 'transmitter'));
        session.on('bind_receiver', bind(session, 'receiver'));
        session.on('submit_sm', submit(session));
        session.on('enquire_link', (pdu) => {
            state.enquiries += 1;
            session.send(pdu.response());
        });
        session.on('unbind', (pdu) => {
            state.unbinds += 1;
            session.send(pdu.response());
            session.close();
        });
        session.on('close', () => listeners.delete(session));
        // Clients that hang up, or that we hang up on, are the point of the exercise.
        session.on('error', (error) => console.log(error.message));
    });
    server.on('error', (error) => console.log(error.message));
    server.listen(port, '127.0.0.1');
}

listen(settings.port, {});
listen(settings.tls_port, { key: fs.readFileSync(settings.key), cert: fs.readFileSync(settings.certificate) });

http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
        if (request.method === 'PUT') script = JSON.parse(body);
        if (request.method === 'POST') deliver(JSON.parse(body));
        if (request.method === 'DELETE') [...listeners].forEach((session) => session.unbind());
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(state));
    });
}).listen(settings.control_port, '127.0.0.1');
