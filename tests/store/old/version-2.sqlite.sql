BEGIN TRANSACTION;
CREATE TABLE resources (
	account VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	mesh VARCHAR NOT NULL, 
	parent VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	uid VARCHAR NOT NULL, 
	version BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	last_updated_at BIGINT NOT NULL, 
	owner VARCHAR NOT NULL, 
	tags TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	PRIMARY KEY (account, kind, mesh, parent, name)
);
INSERT INTO "resources" VALUES('000000000000','mesh','shop','','shop','d25c9c58-326c-4e70-9254-f090bd1e815e',1,1767225600000,1767225600000,'000000000000','{"team": "a"}','{}');
INSERT INTO "resources" VALUES('000000000000','virtualNode','shop','','v1','bbfd9084-6bc4-4339-b581-23bfa7d9aa9b',1,1767225601000,1767225601000,'000000000000','{"release": "1 \u00fc"}','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}');
INSERT INTO "resources" VALUES('000000000000','virtualNode','shop','','v2','52206f37-1cb5-440e-bc21-5907183bf490',1,1767225602000,1767225602000,'000000000000','{}','{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}');
INSERT INTO "resources" VALUES('000000000000','virtualRouter','shop','','r','daf2e40e-f583-4505-b81b-52fd3eb86665',1,1767225604000,1767225604000,'000000000000','{}','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}');
INSERT INTO "resources" VALUES('000000000000','route','shop','r','all','c1a788d4-8e2e-480e-b611-edff2d2aab1d',2,1767225605000,1767225606000,'000000000000','{}','{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}');
INSERT INTO "resources" VALUES('000000000000','virtualService','shop','','orders.shop.local','9ad6b52d-f055-45e2-b7d0-181287c55006',1,1767225607000,1767225607000,'000000000000','{}','{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}');
INSERT INTO "resources" VALUES('000000000000','virtualNode','shop','','gone','b03ddec7-b3f6-480c-94c8-abd53727bfcb',1,1767225610000,1767225610000,'000000000000','{}','{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}');
CREATE TABLE revisions (
	sequence INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	action VARCHAR NOT NULL, 
	principal VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	mesh VARCHAR NOT NULL, 
	parent VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	uid VARCHAR NOT NULL, 
	version BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	owner VARCHAR NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	token VARCHAR, 
	digest VARCHAR, 
	tags TEXT, 
	PRIMARY KEY (sequence)
);
INSERT INTO "revisions" VALUES(1,1767225600000,'create','arn:aws:iam::000000000000:root','000000000000','mesh','shop','','shop','d25c9c58-326c-4e70-9254-f090bd1e815e',1,1767225600000,'000000000000',NULL,'{}',NULL,NULL,'{"team": "a"}');
INSERT INTO "revisions" VALUES(2,1767225601000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','v1','bbfd9084-6bc4-4339-b581-23bfa7d9aa9b',1,1767225601000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}','token-v1','d3a70ad180fc5e979e29b5bc15a216457fc2c2906f35fff56767bce4feed7b32','{}');
INSERT INTO "revisions" VALUES(3,1767225602000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','v2','52206f37-1cb5-440e-bc21-5907183bf490',1,1767225602000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}','token-v2','d124b9d28094c21f4acc9399480c9278474eb24602768c1b60c2124b7a6deaba','{}');
INSERT INTO "revisions" VALUES(4,1767225603000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','gone','9dd9e812-2dd5-497e-912a-843699abc088',1,1767225603000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}','token-gone','8b343a3960b99db97e1c0660b329f266d0bbf0e8d18aca597a4fef98f765fd0b','{}');
INSERT INTO "revisions" VALUES(5,1767225604000,'create','arn:aws:iam::000000000000:root','000000000000','virtualRouter','shop','','r','daf2e40e-f583-4505-b81b-52fd3eb86665',1,1767225604000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}',NULL,NULL,'{}');
INSERT INTO "revisions" VALUES(6,1767225605000,'create','arn:aws:iam::000000000000:root','000000000000','route','shop','r','all','c1a788d4-8e2e-480e-b611-edff2d2aab1d',1,1767225605000,'000000000000',NULL,'{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}',NULL,NULL,'{}');
INSERT INTO "revisions" VALUES(7,1767225606000,'update','arn:aws:iam::000000000000:root','000000000000','route','shop','r','all','c1a788d4-8e2e-480e-b611-edff2d2aab1d',2,1767225605000,'000000000000','{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}','{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}',NULL,NULL,NULL);
INSERT INTO "revisions" VALUES(8,1767225607000,'create','arn:aws:iam::000000000000:root','000000000000','virtualService','shop','','orders.shop.local','9ad6b52d-f055-45e2-b7d0-181287c55006',1,1767225607000,'000000000000',NULL,'{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}',NULL,NULL,'{}');
INSERT INTO "revisions" VALUES(9,1767225608000,'tag','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','v1','bbfd9084-6bc4-4339-b581-23bfa7d9aa9b',1,1767225601000,'000000000000','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}',NULL,NULL,'{"release": "1 \u00fc"}');
INSERT INTO "revisions" VALUES(10,1767225609000,'delete','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','gone','9dd9e812-2dd5-497e-912a-843699abc088',2,1767225603000,'000000000000','{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}',NULL,NULL,NULL,NULL);
INSERT INTO "revisions" VALUES(11,1767225610000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','gone','b03ddec7-b3f6-480c-94c8-abd53727bfcb',1,1767225610000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}',NULL,NULL,'{}');
CREATE TABLE store (
	id INTEGER NOT NULL, 
	schema_version INTEGER NOT NULL, 
	secret VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "store" VALUES(1,2,'29b2b82bf4dbcf6d00a2afeb3a3268471e70f66a0d0df9bbc41adc41d32bc900',1767225600000);
CREATE TABLE uses (
	account VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	mesh VARCHAR NOT NULL, 
	parent VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	used_kind VARCHAR NOT NULL, 
	used_name VARCHAR NOT NULL, 
	PRIMARY KEY (account, kind, mesh, parent, name, used_kind, used_name), 
	FOREIGN KEY(account, kind, mesh, parent, name) REFERENCES resources (account, kind, mesh, parent, name) ON DELETE CASCADE
);
INSERT INTO "uses" VALUES('000000000000','route','shop','r','all','virtualNode','v1');
INSERT INTO "uses" VALUES('000000000000','route','shop','r','all','virtualNode','v3');
INSERT INTO "uses" VALUES('000000000000','virtualService','shop','','orders.shop.local','virtualRouter','r');
CREATE INDEX revisions_by_token ON revisions (token, principal) WHERE token IS NOT NULL;
CREATE INDEX uses_by_used ON uses (account, mesh, used_kind, used_name);
COMMIT;
