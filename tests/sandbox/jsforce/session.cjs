// What a program built on jsforce does with an org: sign in, read, write, load and unload in bulk.
// It prints one line of JSON with what it saw; the test beside it judges that.
'use strict';
const { Connection } = require('jsforce');

const settings = JSON.parse(process.argv[2]);
const seen = {};

async function signIn() {
  const oauth2 = {
    loginUrl: settings.url,
    clientId: settings.consumer_key,
    clientSecret: settings.consumer_secret,
  };
  const conn = new Connection({ oauth2, instanceUrl: settings.url, version: settings.version });
  const user = await conn.authorize({ grant_type: 'client_credentials' });
  seen.user = user;
  seen.identity = (await conn.identity()).username;
  return conn;
}

async function renew() {
  // a program that kept a refresh token, and whose access token has run out
  const conn = new Connection({
    oauth2: {
      loginUrl: settings.url,
      clientId: settings.refresh.consumer_key,
      clientSecret: settings.refresh.consumer_secret,
    },
    instanceUrl: settings.url,
    accessToken: `${settings.org_id}!gone`,
    refreshToken: settings.refresh.refresh_token,
    version: settings.version,
  });
  let renewed = 0;
  conn.on('refresh', () => { renewed += 1; });
  seen.after_renewal = (await conn.query('SELECT Id FROM Case LIMIT 1')).records.length;
  seen.renewed = renewed;
}

async function read(conn) {
  const pages = await conn.query('SELECT Id FROM Contact', { autoFetch: true, maxFetch: 9000 });
  seen.contacts = pages.records.length;
  const nested = await conn.query(
    'SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name LIKE \'Nordlicht%\'',
  );
  seen.children = nested.records[0].Contacts.records.length;
  const found = await conn.sobject('Case').find({ Status: 'New' }, ['Id', 'Subject']).limit(3);
  seen.found = found.length;
  const grouped = await conn.query('SELECT Status, COUNT(Id) n FROM Case GROUP BY Status');
  seen.groups = grouped.records.every((each) => each.n > 0 && each.attributes.type === 'AggregateResult');
  seen.fields = (await conn.describe('Case')).fields.length;
  seen.objects = (await conn.describeGlobal()).sobjects.some((each) => each.name === 'Case');
  seen.versions = (await conn.request('/services/data')).length;
  seen.limit = conn.limitInfo.apiUsage.limit;
}

async function write(conn) {
  const made = await conn.sobject('Account').create({ Name: 'From jsforce', ERP_Number__c: 'js-1' });
  await conn.sobject('Account').update({ Id: made.id, BillingCity: 'Köln' });
  seen.city = (await conn.sobject('Account').retrieve(made.id)).BillingCity;
  const both = await conn.sobject('Account').retrieve([made.id, made.id]);
  seen.both = both.map((each) => each.BillingCity);
  const again = await conn.sobject('Account').upsert({ ERP_Number__c: 'js-1', Type: 'Partner' }, 'ERP_Number__c');
  seen.upserted = again.success && again.id === made.id;
  const many = await conn.sobject('Account').create([{ Name: 'One' }, { Name: 'Two' }, {}]);
  seen.many = many.map((each) => each.success);
  seen.why = many[2].errors[0].statusCode ?? many[2].errors[0].errorCode;
  const ids = [made.id, many[0].id, many[1].id];
  seen.gone = (await conn.sobject('Account').destroy(ids)).every((each) => each.success);
  const bin = await conn.query('SELECT Id FROM Account WHERE IsDeleted = true', { scanAll: true });
  seen.in_bin = bin.records.length;
}

async function bulk(conn) {
  const rows = Array.from({ length: 250 }, (_, at) => ({
    LastName: `Bulk ${at}`,
    Description: 'a "quoted", line\nwith more',
  }));
  const load = { object: 'Contact', operation: 'insert', input: rows, pollInterval: 20, pollTimeout: 30000 };
  const loaded = await conn.bulk2.loadAndWaitForResults(load);
  seen.loaded = [
    loaded.successfulResults.length,
    loaded.failedResults.length,
    loaded.unprocessedRecords.length,
  ];
  const bad = { ...load, input: [{ LastName: 'Fine', Title: 'A' }, { LastName: '', Title: 'B' }] };
  const half = await conn.bulk2.loadAndWaitForResults(bad);
  seen.half = [half.successfulResults.length, half.failedResults[0].sf__Error];
  const stream = await conn.bulk2.query("SELECT Id, Description FROM Contact WHERE LastName LIKE 'Bulk %'", {
    pollInterval: 20,
    pollTimeout: 30000,
  });
  const unloaded = await stream.toArray();
  seen.unloaded = unloaded.length;
  seen.whole = unloaded[0].Description;
}

async function bulkOne(conn) {
  const job = conn.bulk.createJob('Contact', 'insert');
  const batch = job.createBatch();
  const done = new Promise((resolve, reject) => {
    batch.on('queue', () => batch.poll(20, 30000));
    batch.on('response', resolve);
    batch.on('error', reject);
  });
  batch.execute([{ LastName: 'Older one' }, { LastName: 'Older two' }]);
  seen.older = (await done).map((each) => each.success);
  await job.close();
  conn.bulk.pollInterval = 20;
  const stream = await conn.bulk.query("SELECT Id, LastName FROM Contact WHERE LastName LIKE 'Older %'");
  seen.older_out = (await stream.toArray()).length;
}

async function refused(conn) {
  try {
    await conn.query('SELECT Nope FROM Case');
  } catch (error) {
    seen.refused = error.errorCode;
  }
}

async function governance() {
  // a second user, who signs in with an assertion and may see the set-up
  const conn = new Connection({
    oauth2: { loginUrl: settings.url },
    instanceUrl: settings.url,
    version: settings.version,
  });
  await conn.authorize({ grant_type: settings.jwt_bearer, assertion: settings.assertion });
  const found = await conn.tooling.query('SELECT Name, Body FROM ApexClass ORDER BY Name');
  seen.classes = found.records.map((each) => each.Name);
  const asked = await conn.query('SELECT Id FROM Case WHERE IsClosed = false LIMIT 1');
  const submitted = await conn.process.approval.submit(asked.records[0].Id, 'please', {
    nextApproverIds: [conn.userInfo.id],
  });
  seen.pending = submitted.instanceStatus;
  const decided = await conn.process.approval.approve(submitted.newWorkitemIds[0], 'fine');
  seen.approved = decided.instanceStatus;
  const tokens = await conn.query('SELECT Id FROM OauthToken', { autoFetch: true, maxFetch: 5000 });
  seen.tokens = tokens.records.length;
}

async function all() {
  const conn = await signIn();
  for (const step of [read, write, bulk, bulkOne, refused]) await step(conn);
  await renew();
  await governance();
  console.log(JSON.stringify(seen));
}

all().catch((error) => {
  console.error(error);
  process.exit(1);
});
