/**
 * Preloaded into a process under test (`node --require`, TRAIL_DIR). Sees every crossing between the process and the
 * outside: each SQL statement before it is sent and after its reply, each call to Temporal, each task a worker takes and
 * each completion it hands over, a request's arrival and its reply. The product knows nothing of it.
 *
 * The crossings of one request, of one workflow's work, or of the dispatcher are a trail. A file `<name>.watch` makes a
 * trail be written, one crossing a line, to `<name>.trail`; if it names a crossing, the process kills itself there and
 * leaves the time in `<name>.killed`. A request names its trail in the header X-Trail; a workflow's is its id, or its id
 * without the number; the dispatcher's is `dispatcher`. Crossings are called by what they are and how often they were,
 * so that a list recorded in one process means the same in another.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

const dir = process.env.TRAIL_DIR;
const program = path.basename(process.argv[1] ?? '');
const modules = path.join(__dirname, '../../node_modules');
const UNWATCHED = { cross() {} };

/** The trail of what runs now; set by a request. */
const requests = new AsyncLocalStorage();
/** The SDK's own: whose activity runs now. */
let activities;
/** By workflow id, those that are watched. */
const workflowTrails = new Map();
/** Where crossings go that no request and no workflow caused. */
let background = UNWATCHED;

if (dir && isMainThread && (program === 'api.js' || program === 'worker.js')) {
  watchSql();
  watchTemporalCalls();
  if (program === 'api.js') watchRequests();
  else watchTasks();
}

function openTrail(name) {
  // Whoever goes on after a kill is left alone.
  if (existsSync(path.join(dir, `${name}.killed`))) return undefined;
  let killAt;
  try {
    killAt = readFileSync(path.join(dir, `${name}.watch`), 'utf8');
  } catch {
    return undefined;
  }
  const seen = new Map();
  return {
    cross(crossing) {
      const nth = (seen.get(crossing) ?? 0) + 1;
      seen.set(crossing, nth);
      const point = nth === 1 ? crossing : `${crossing} #${nth}`;
      appendFileSync(path.join(dir, `${name}.trail`), `${point}\n`);
      if (point !== killAt) return;
      writeFileSync(path.join(dir, `${name}.killed`), String(Date.now()));
      process.kill(process.pid, 'SIGKILL');
    },
  };
}

function watchRequests() {
  const { emit } = http.Server.prototype;
  http.Server.prototype.emit = function (event, req, res) {
    if (event !== 'request') return emit.apply(this, arguments);
    const name = req.headers['x-trail'];
    const trail = (name && openTrail(name)) || UNWATCHED;
    if (trail !== UNWATCHED) background = { cross: (crossing, changes) => changes && trail.cross(crossing) };
    trail.cross('after request');
    const { end } = res;
    res.end = function () {
      trail.cross('before reply');
      return end.apply(this, arguments);
    };
    res.once('finish', () => trail.cross('after reply'));
    return requests.run(trail, () => emit.apply(this, arguments));
  };
}

/** Sessions and versions are asked once per connection, whoever comes first. */
const SET_UP = /^(SET SESSION|select version|SELECT 1$)/;

function watchSql() {
  const { prototype } = require(path.join(modules, 'mysql2/lib/base/connection.js'));
  const send = prototype.query;
  const written = new WeakMap();
  prototype.query = function (...args) {
    const done = args.at(-1);
    const sql = String(args[0].sql ?? args[0]);
    if (typeof done !== 'function' || SET_UP.test(sql)) return send.apply(this, args);
    const trail = trailHere();
    const { what, table } = describeSql(sql);
    if (what === 'BEGIN') written.set(this, new Set());
    if (table) written.get(this)?.add(table);
    const tables = what === 'COMMIT' ? [...(written.get(this) ?? [])] : [];
    const crossing = tables.length > 0 ? `COMMIT of ${tables.join(', ')}` : what;
    const changes = Boolean(table) || tables.length > 0;
    trail.cross(`before ${crossing}`, changes);
    args[args.length - 1] = (...results) => {
      trail.cross(`after ${crossing}`, changes);
      done(...results);
    };
    return send.apply(this, args);
  };
  if (process.env.TRAIL_SABOTAGE === 'outcome-after-commit') storeOutcomesLate(prototype);
}

function describeSql(sql) {
  const text = sql.replace(/\s+/g, ' ').replace(/;$/, '').trim();
  const change = /^(INSERT|UPDATE|DELETE|REPLACE)\b(?: IGNORE)?(?: INTO| FROM)? `?(\w+)`?(?: SET (\w+))?/.exec(text);
  if (change) return { what: `${change[1]} ${change[2]}${change[3] ? `.${change[3]}` : ''}`, table: change[2] };
  const read = /^SELECT\b.*\bFROM `?(\w+)/.exec(text);
  const lock = / FOR UPDATE(?: NOWAIT| SKIP LOCKED)?$/.exec(text)?.[0] ?? '';
  return { what: read ? `SELECT ${read[1]}${lock}` : text.slice(0, 40) };
}

/** The damage a control wants to see: a reply is stored under its key only after its effect is committed. */
function storeOutcomesLate(prototype) {
  const send = prototype.query;
  const late = new WeakMap();
  prototype.query = function (...args) {
    const done = args.at(-1);
    const sql = String(args[0].sql ?? args[0]);
    if (/^INSERT .*INTO idempotency_key/.test(sql)) {
      late.set(this, args.slice(0, -1));
      process.nextTick(done, null, { affectedRows: 1, insertId: 0 });
      return undefined;
    }
    const outcome = /^COMMIT/.test(sql) && late.get(this);
    if (!outcome) return send.apply(this, args);
    late.delete(this);
    return send.call(this, ...args.slice(0, -1), (...results) => {
      send.call(this, ...outcome, () => done(...results));
    });
  };
}

function watchTemporalCalls() {
  const { Client } = require(path.join(modules, '@grpc/grpc-js'));
  const { makeUnaryRequest } = Client.prototype;
  Client.prototype.makeUnaryRequest = function (...args) {
    const call = String(args[0]).split('/').at(-1);
    const done = args.at(-1);
    // The first question on a connection, whoever comes first; and what only looks.
    if (/^(GetSystemInfo|Describe|List|Check)/.test(call)) return makeUnaryRequest.apply(this, args);
    const trail = trailHere();
    trail.cross(`before Temporal ${call}`, true);
    args[args.length - 1] = (...results) => {
      trail.cross(`after Temporal ${call}`, true);
      done(...results);
    };
    return makeUnaryRequest.apply(this, args);
  };
}

function trailHere() {
  const workflowId = activities?.getStore()?.info.workflowExecution?.workflowId;
  return workflowId ? workflowTrail(workflowId) : (requests.getStore() ?? background);
}

function workflowTrail(id) {
  const known = workflowTrails.get(id);
  if (known) return known;
  const trail = openTrail(id) ?? openTrail(/^[a-z-]*[a-z]/.exec(id)[0]);
  if (trail) workflowTrails.set(id, trail);
  return trail ?? UNWATCHED;
}

/** What goes between a worker and Temporal passes the bridge to the SDK's core. */
function watchTasks() {
  activities = require(path.join(modules, '@temporalio/activity')).asyncLocalStorage;
  const { native } = require(path.join(modules, '@temporalio/core-bridge'));
  const { coresdk } = require(path.join(modules, '@temporalio/proto'));
  const dispatcher = openTrail('dispatcher');
  if (dispatcher) background = { cross: (crossing, changes) => changes && dispatcher.cross(crossing) };
  const owners = new Map();
  const owned = (key) => (owners.has(key) ? workflowTrail(owners.get(key)) : UNWATCHED);

  const onTask = (name, see) => {
    const poll = native[name];
    native[name] = async (...args) => {
      const task = await poll(...args);
      see(new Uint8Array(task));
      return task;
    };
  };
  const onCompletion = (name, see) => {
    const complete = native[name];
    native[name] = async (worker, completion) => {
      const { key, what } = see(new Uint8Array(completion));
      const trail = owned(key);
      trail.cross(`before ${what}`);
      const result = await complete(worker, completion);
      trail.cross(`after ${what}`);
      return result;
    };
  };
  const variants = (messages) => messages.map(({ variant }) => variant).join(', ') || 'nothing';

  onTask('workerPollWorkflowActivation', (bytes) => {
    const { runId, jobs } = coresdk.workflow_activation.WorkflowActivation.decode(bytes);
    const started = jobs.find(({ initializeWorkflow }) => initializeWorkflow)?.initializeWorkflow;
    if (started) owners.set(runId, started.workflowId);
    if (!jobs.some(({ removeFromCache }) => removeFromCache)) owned(runId).cross(`after task: ${variants(jobs)}`);
  });
  onCompletion('workerCompleteWorkflowActivation', (bytes) => {
    const { runId, successful } = coresdk.workflow_completion.WorkflowActivationCompletion.decodeDelimited(bytes);
    return { key: runId, what: `commands: ${variants(successful?.commands ?? [])}` };
  });
  onTask('workerPollActivityTask', (bytes) => {
    const { taskToken, start } = coresdk.activity_task.ActivityTask.decode(bytes);
    const key = Buffer.from(taskToken).toString('hex');
    if (!start) return;
    owners.set(key, start.workflowExecution?.workflowId);
    owned(key).cross(`after activity: ${start.activityType}`);
  });
  onCompletion('workerCompleteActivityTask', (bytes) => {
    const { taskToken } = coresdk.ActivityTaskCompletion.decodeDelimited(bytes);
    return { key: Buffer.from(taskToken).toString('hex'), what: 'activity result' };
  });
}
