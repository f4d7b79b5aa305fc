-- A database as schema 0004 left it: `sqlite3 studio.db .dump`.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES('0004');
CREATE TABLE callbacks (
	provider TEXT NOT NULL, 
	id TEXT NOT NULL, 
	job TEXT NOT NULL, 
	remote TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (provider, id)
);
CREATE TABLE inbox (
	id INTEGER NOT NULL, 
	request TEXT NOT NULL, 
	ask TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	handled_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (request)
);
INSERT INTO inbox VALUES(1,'telegram:1','{"context":{"request":"telegram:1","address":{"chat":{"platform":"telegram","id":"-100","thread":"7"},"reply_to":"","ticket":"","part":0},"user":{"platform":"telegram","id":"1001","name":"Anna"},"locale":"en","replied_to":"","attachments":[{"handle":"file","mime":"image/png","size":12}],"confirmed":false},"words":"","command":{"command":"imagine","count":1}}',1772366400123456,NULL);
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	request TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	platform TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	address TEXT NOT NULL, 
	user_platform TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	user_name TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	provider TEXT NOT NULL, 
	model TEXT NOT NULL, 
	work TEXT NOT NULL, 
	hold BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	status TEXT NOT NULL, 
	private BOOLEAN NOT NULL, 
	parent TEXT NOT NULL, 
	remote TEXT, 
	cost BIGINT, 
	error TEXT NOT NULL, 
	error_values TEXT NOT NULL, 
	cancel_asked BOOLEAN NOT NULL, 
	status_message TEXT NOT NULL, 
	finished_at BIGINT, ordered_at BIGINT, doubted_at BIGINT, remote_id TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (request, number)
);
INSERT INTO jobs VALUES('job1','telegram:job1',0,'telegram','-100','7','{"chat":{"platform":"telegram","id":"-100","thread":"7"},"reply_to":"41","ticket":"ticket","part":0}','telegram','1001','Anna','de','fal','flux','{"prompt":"a fox","width":1024,"height":768,"aspect_ratio":"4:3","seed":7,"num_images":1,"negative_prompt":"","num_inference_steps":null,"guidance_scale":null,"kind":"generation"}',40000,1772366400123456,'done',0,'',NULL,40000,'','{}',0,'',NULL,NULL,NULL,NULL);
INSERT INTO jobs VALUES('job2','telegram:job2',0,'telegram','-100','7','{"chat":{"platform":"telegram","id":"-100","thread":"7"},"reply_to":"41","ticket":"ticket","part":0}','telegram','1001','Anna','de','fal','flux','{"prompt":"a fox","width":1024,"height":768,"aspect_ratio":"4:3","seed":7,"num_images":1,"negative_prompt":"","num_inference_steps":null,"guidance_scale":null,"kind":"generation"}',40000,1772366400123456,'queued',0,'',NULL,NULL,'','{}',0,'',NULL,NULL,NULL,NULL);
CREATE TABLE message_ids (
	platform TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	platform_id TEXT NOT NULL, 
	message INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (platform, chat, platform_id), 
	FOREIGN KEY(message) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO message_ids VALUES('telegram','-100','51',1,0);
CREATE TABLE messages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	platform TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	user_platform TEXT, 
	user_id TEXT, 
	user_name TEXT, 
	at BIGINT NOT NULL, 
	request TEXT NOT NULL, 
	asked TEXT NOT NULL, 
	reply TEXT, 
	job TEXT NOT NULL
);
INSERT INTO messages VALUES(1,'telegram','-100','7',NULL,NULL,NULL,1772366400123456,'','','{"job":"job1","pictures":[{"job":"job1","position":1,"sha256":"ab","mime":"image/png","width":1024,"height":768,"bytes":5,"seed":7,"recipe":{"provider":"fal","model":"flux","endpoint":"fal-ai/flux","work":{"prompt":"a fox","width":1024,"height":768,"aspect_ratio":"4:3","seed":7,"num_images":1,"negative_prompt":"","num_inference_steps":null,"guidance_scale":null,"kind":"generation"}},"parent":""}],"caption":{"key":"caption","values":{"seed":7},"lines":[],"kind":"text"},"alt":"a fox","buttons":[],"private":false,"as_files":false,"kind":"pictures"}','job1');
CREATE TABLE outbox (
	job TEXT NOT NULL, 
	ending TEXT NOT NULL, 
	promised_at BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	error TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	closed_at BIGINT, 
	PRIMARY KEY (job, ending), 
	FOREIGN KEY(job) REFERENCES jobs (id)
);
INSERT INTO outbox VALUES('job1','done',1772366400123456,0,1772366400123456,'','',NULL);
CREATE TABLE pictures (
	job TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	sha256 TEXT NOT NULL, 
	mime TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	bytes BIGINT NOT NULL, 
	seed BIGINT, 
	recipe TEXT NOT NULL, 
	parent TEXT NOT NULL, 
	PRIMARY KEY (job, position), 
	FOREIGN KEY(job) REFERENCES jobs (id)
);
INSERT INTO pictures VALUES('job1',1,'abababababababababababababababababababababababababababababababab','image/png',1024,768,5,7,'{"provider":"fal","model":"flux","endpoint":"fal-ai/flux","work":{"prompt":"a fox","width":1024,"height":768,"aspect_ratio":"4:3","seed":7,"num_images":1,"negative_prompt":"","num_inference_steps":null,"guidance_scale":null,"kind":"generation"}}','');
CREATE TABLE uploads (
	sha256 TEXT NOT NULL, 
	platform TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	sent_at BIGINT NOT NULL, 
	PRIMARY KEY (sha256, platform, chat, thread)
);
CREATE TABLE ledger (
	id INTEGER NOT NULL, 
	job TEXT NOT NULL, 
	closing BOOLEAN NOT NULL, 
	kind TEXT NOT NULL, 
	user_platform TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	server TEXT NOT NULL, 
	model TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	day DATE NOT NULL, 
	at BIGINT NOT NULL, 
	seal TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (job, closing)
);
INSERT INTO ledger VALUES(1,'job1',0,'hold','telegram','1001','telegram:-100','','fal/flux',40000,'2026-03-01',1772366400123456,'fead3a380afddeff64e3705206093f9d064c86be5c83b56422ae2c2da54bdab9');
INSERT INTO ledger VALUES(2,'job1',1,'settle','telegram','1001','telegram:-100','','fal/flux',-10000,'2026-03-01',1772366400123456,'7f731d3a94a26b397e5d6bdfb3f7e2cd1d23d9a8d5bff08b9ff954222975fa81');
CREATE TABLE budgets (
	scope TEXT NOT NULL, 
	period TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	set_by TEXT NOT NULL, 
	set_at BIGINT NOT NULL, 
	PRIMARY KEY (scope, period)
);
CREATE TABLE notices (
	user TEXT NOT NULL, 
	day DATE NOT NULL, 
	PRIMARY KEY (user, day)
);
CREATE TABLE access (
	scope TEXT NOT NULL, 
	allowed BOOLEAN NOT NULL, 
	set_by TEXT NOT NULL, 
	set_at BIGINT NOT NULL, 
	PRIMARY KEY (scope)
);
CREATE TABLE invites (
	digest TEXT NOT NULL, 
	made_by TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	used_by TEXT NOT NULL, 
	used_at BIGINT, 
	PRIMARY KEY (digest)
);
CREATE TABLE prices (
	endpoint TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	amount BIGINT NOT NULL, 
	asked_at BIGINT NOT NULL, 
	PRIMARY KEY (endpoint)
);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('messages',1);
CREATE INDEX inbox_waiting ON inbox (id) WHERE handled_at IS NULL;
CREATE INDEX jobs_of_user ON jobs (user_platform, user_id, created_at, number);
CREATE INDEX pictures_by_hash ON pictures (sha256);
CREATE INDEX messages_of_chat ON messages (platform, chat, thread, id);
CREATE INDEX messages_of_job ON messages (job) WHERE job <> '';
CREATE UNIQUE INDEX messages_answers ON messages (request) WHERE reply IS NOT NULL AND request <> '';
CREATE INDEX message_ids_of_message ON message_ids (message);
CREATE INDEX outbox_due ON outbox (due_at) WHERE outcome = '';
CREATE INDEX jobs_open ON jobs (created_at, number) WHERE status IN ('queued', 'submitting', 'submitted', 'fetching', 'in_doubt');
CREATE UNIQUE INDEX jobs_of_remote ON jobs (provider, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX callbacks_of_job ON callbacks (job);
CREATE INDEX ledger_of_day ON ledger (day, amount);
CREATE INDEX ledger_of_user ON ledger (user_platform, user_id, day, amount);
CREATE INDEX ledger_of_chat ON ledger (chat, day, amount);
CREATE INDEX ledger_of_server ON ledger (server, day, amount) WHERE server <> '';
CREATE TRIGGER ledger_keeps_UPDATE BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps_DELETE BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
COMMIT;
