// A Bluesky server with the settings of its environment: see pds.rs.
'use strict';

const { PDS, envToCfg, envToSecrets, readEnv } = require('@atproto/pds');

const settings = readEnv();
PDS.create(envToCfg(settings), envToSecrets(settings)).then((server) => server.start());
