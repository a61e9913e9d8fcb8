// The directory in which a Bluesky server registers its accounts, with its store in memory. The argument is its port.
'use strict';

const { Database, PlcServer } = require('@did-plc/server');

PlcServer.create({ db: Database.mock(), port: Number(process.argv[2]) }).start();
