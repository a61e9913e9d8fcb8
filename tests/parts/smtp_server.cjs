// An SMTP server with AUTH and STARTTLS that fails as it is told: see smtp_server.rs.
// Its settings come as JSON in the first argument; its modules are found through NODE_PATH.
'use strict';

const fs = require('node:fs');
const http = require('node:http');
const { SMTPServer } = require('smtp-server');

const settings = JSON.parse(process.argv[2]);
const state = { connections: 0, logins: 0, mechanisms: [], messages: [] };
let rules = [];

// The first rule of this stage that fits and is not used up; it counts its uses.
function fault(stage, address) {
    for (const rule of rules) {
        if (rule.stage !== stage || (rule.address && !address.includes(rule.address))) continue;
        rule.seen = (rule.seen || 0) + 1;
        if (rule.every && rule.seen % rule.every !== 0) continue;
        if (rule.times !== undefined && (rule.used || 0) >= rule.times) continue;
        rule.used = (rule.used || 0) + 1;
        return rule;
    }
    return null;
}

// Answers as the rule says: after its delay, with its code, or by hanging up; without a rule, with success.
function answer(server, session, rule, callback, ...success) {
    if (!rule) return callback(null, ...success);
    setTimeout(() => {
        if (rule.drop) {
            for (const connection of server.connections) {
                if (connection.id === session.id) connection._socket.destroy();
            }
        } else if (rule.code) {
            callback(Object.assign(new Error(rule.text || 'scripted fault'), { responseCode: rule.code }));
        } else {
            callback(null, ...success);
        }
    }, rule.delay || 0);
}

function listen(port, secure) {
    const server = new SMTPServer({
        secure,
        key: fs.readFileSync(settings.key),
        cert: fs.readFileSync(settings.certificate),
        authOptional: !settings.login,
        authMethods: settings.mechanisms,
        hidePIPELINING: false,
        disableReverseLookup: true,
        closeTimeout: 100,
        onConnect(session, callback) {
            state.connections += 1;
            answer(server, session, fault('connect', ''), callback);
        },
        onAuth(auth, session, callback) {
            state.logins += 1;
            state.mechanisms.push(auth.method);
            const rule = fault('auth', auth.username);
            if (rule) return answer(server, session, rule, callback, { user: auth.username });
            const right = settings.login && auth.username === settings.login[0] && auth.password === settings.login[1];
            if (!right) return callback(new Error('5.7.8 Invalid username or password'));
            callback(null, { user: auth.username });
        },
        onMailFrom(address, session, callback) {
            answer(server, session, fault('mail', address.address), callback);
        },
        onRcptTo(address, session, callback) {
            answer(server, session, fault('rcpt', address.address), callback);
        },
        onData(stream, session, callback) {
            const chunks = [];
            stream.on('data', (chunk) => chunks.push(chunk));
            stream.on('end', () => {
                const { mailFrom, rcptTo } = session.envelope;
                const rule = fault('data', rcptTo.map((to) => to.address).join(' '));
                // A rule may keep the mail and fail all the same: that is the case where nobody knows who has it.
                if (!rule || rule.keep || (!rule.code && !rule.drop)) {
                    state.messages.push({
                        from: mailFrom.address,
                        to: rcptTo.map((to) => to.address),
                        user: session.user || null,
                        tls: Boolean(session.secure),
                        message: Buffer.concat(chunks).toString('utf8'),
                    });
                }
                answer(server, session, rule, callback);
            });
        },
    });
    // Clients that hang up, or that we hang up on, are the point of the exercise.
    server.on('error', (error) => console.log(error.message));
    server.listen(port, '127.0.0.1');
}

listen(settings.port, false);
listen(settings.tls_port, true);

http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
        if (request.method === 'PUT') rules = JSON.parse(body);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(state));
    });
}).listen(settings.control_port, '127.0.0.1');
