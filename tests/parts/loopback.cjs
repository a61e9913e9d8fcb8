// Loaded with `node -r` before a server that would listen on every address: it listens on loopback instead.
'use strict';

const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
    if (first !== null && typeof first === 'object') return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest);
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, ...rest.filter((more) => typeof more === 'function'));
};
