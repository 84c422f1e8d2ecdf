BEGIN TRANSACTION;
CREATE TABLE access_keys (
	id VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	principal VARCHAR NOT NULL, 
	policies TEXT NOT NULL, 
	status VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	sealed_secret VARCHAR NOT NULL, 
	token_digest VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "access_keys" VALUES('GKIACDQQNWYZ7DTGTDLZ','000000000000','arn:aws:iam::000000000000:user/a','[{"name": "AWSAppMeshReadOnly", "document": ""}]','Active',1767225600000,NULL,'6GA7PB9yJNmLWvyIC4W81+MXYuWxDeVmFyIk8si2CifNlmuUbx1/UfuY7VoBXRzcFzwBCyH1lLWqx7uZLE2QcKT2Ftw=',NULL);
CREATE TABLE access_state (
	id INTEGER NOT NULL, 
	version BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "access_state" VALUES(1,3);
CREATE TABLE audit (
	sequence INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	account VARCHAR, 
	principal VARCHAR, 
	"key" VARCHAR, 
	source VARCHAR NOT NULL, 
	is_read_only BOOLEAN NOT NULL, 
	error VARCHAR, 
	resource VARCHAR, 
	record TEXT NOT NULL, 
	PRIMARY KEY (sequence)
);
INSERT INTO "audit" VALUES(1,1767225600000,'CreateMesh','000000000000','arn:aws:iam::000000000000:root',NULL,'127.0.0.1',0,NULL,NULL,'{"eventVersion": "1.11", "userIdentity": {"type": "Root", "arn": "arn:aws:iam::000000000000:root", "accountId": "000000000000"}, "eventTime": "2026-01-01T00:00:00Z", "eventSource": "appmesh.amazonaws.com", "eventName": "CreateMesh", "awsRegion": "us-west-2", "sourceIPAddress": "127.0.0.1", "userAgent": "", "requestID": "", "eventID": "77f5652c-281d-4390-a5f1-d8e29f042e4f", "readOnly": false, "resources": [], "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "000000000000", "eventCategory": "Management", "requestParameters": null, "responseElements": null}');
CREATE TABLE credential_state (
	id INTEGER NOT NULL, 
	version BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "credential_state" VALUES(1,2);
CREATE TABLE credentials (
	arn VARCHAR NOT NULL, 
	generation INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	certificate TEXT NOT NULL, 
	chain TEXT NOT NULL, 
	sealed_key TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	issuer VARCHAR NOT NULL, 
	issuer_generation INTEGER NOT NULL, 
	issues_from BIGINT, 
	retires_at BIGINT, 
	overlap_ms BIGINT NOT NULL, 
	PRIMARY KEY (arn, generation)
);
INSERT INTO "credentials" VALUES('arn:aws:acm-pca:us-west-2:000000000000:certificate-authority/7426c23c-0895-472a-b241-13add63be915',1,'authority','-----BEGIN CERTIFICATE-----
MIIBZDCCAQugAwIBAgIUAes0IS332+psUwExO7xyoNqqM3MwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEZGVtbzAeFw0yNjExMjUyMTI1NDFaFw0zNjExMjIyMTMwNDFa
MA8xDTALBgNVBAMMBGRlbW8wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQtk7gn
E/daGOVgS7341uWf8pTJ4lIHtOFe7UoSbiBnumVk6oxAbgo+mZhuZmL4BaDZtc3r
qC9jtfEuOdwU4Nzwo0UwQzAdBgNVHQ4EFgQUyfDghi1ll7r3ey8YZNLCVhfPPgMw
EgYDVR0TAQH/BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAYYwCgYIKoZIzj0EAwID
RwAwRAIgZiK2w8HW2tnlv/Ai9nYkZT35JpoFDVaWWIFh6LnhCsUCIHhDjzb3gTx+
OzqBIAwLJEUzpSKDo6GhKlBLTbRpjLvL
-----END CERTIFICATE-----
','','yrcV5Try6HO1GI6K0u0Fvz4jv1DOVFiSAUhy5Hecjkbe0y7yTfs4CG9UIpIDW+QV4GhduKNnoiv84i0Qi8QdUYg5BukBvsP2KxB59GoBDTjKskjKHg2p0auNRiy/hYYtbbY/jIAK/akt7GO48qhAkYYuJQaJl/xBDk3Lk/hmUJk/Bg8GOzWA7jUjIt+SJ65zIQn77+ukfImUxFk4pvt0bGy+HZGeULUJ8mtYs3I3xd07nRTbvQhuUAxncx+UjnJxbJGcEdjTfgnGRXa8oVMFN4EW8gt+Y+9w1owAM3/7YSC7soPGkis6Zz+F4DVKMjeyalVgj/bT82cPk5bozd2y+Wc4mkpg8UXVrqwUN3I=',1795642241007,'',0,1795642241007,NULL,0);
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
INSERT INTO "resources" VALUES('000000000000','mesh','shop','','shop','10388163-90a5-4b7e-87a7-ecabe3ad24ae',1,1767225600000,1767225600000,'000000000000','{"team": "a"}','{}');
INSERT INTO "resources" VALUES('000000000000','virtualNode','shop','','v1','5cd4220d-62eb-4eef-aa81-a089c8486422',1,1767225601000,1767225601000,'000000000000','{"release": "1 \u00fc"}','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}');
INSERT INTO "resources" VALUES('000000000000','virtualNode','shop','','v2','9b46aef0-9307-49c0-b252-69623eab19a0',1,1767225602000,1767225602000,'000000000000','{}','{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}');
INSERT INTO "resources" VALUES('000000000000','virtualRouter','shop','','r','593a052d-42b0-4cb2-a931-65ee122ddf8f',1,1767225604000,1767225604000,'000000000000','{}','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}');
INSERT INTO "resources" VALUES('000000000000','route','shop','r','all','e9b20fb2-e3bd-4977-b735-640f9995e03d',2,1767225605000,1767225606000,'000000000000','{}','{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}');
INSERT INTO "resources" VALUES('000000000000','virtualService','shop','','orders.shop.local','50877764-dd7c-444f-9896-603c56cfb619',1,1767225607000,1767225607000,'000000000000','{}','{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}');
INSERT INTO "resources" VALUES('000000000000','virtualNode','shop','','gone','8146e7d4-9bb0-4975-a05f-d09c5c1e071b',1,1767225610000,1767225610000,'000000000000','{}','{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}');
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
INSERT INTO "revisions" VALUES(1,1767225600000,'create','arn:aws:iam::000000000000:root','000000000000','mesh','shop','','shop','10388163-90a5-4b7e-87a7-ecabe3ad24ae',1,1767225600000,'000000000000',NULL,'{}',NULL,NULL,'{"team": "a"}');
INSERT INTO "revisions" VALUES(2,1767225601000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','v1','5cd4220d-62eb-4eef-aa81-a089c8486422',1,1767225601000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}','token-v1','d3a70ad180fc5e979e29b5bc15a216457fc2c2906f35fff56767bce4feed7b32','{}');
INSERT INTO "revisions" VALUES(3,1767225602000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','v2','9b46aef0-9307-49c0-b252-69623eab19a0',1,1767225602000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}','token-v2','d124b9d28094c21f4acc9399480c9278474eb24602768c1b60c2124b7a6deaba','{}');
INSERT INTO "revisions" VALUES(4,1767225603000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','gone','b83374af-190f-4ca8-ae0e-014f71ac28c0',1,1767225603000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}','token-gone','8b343a3960b99db97e1c0660b329f266d0bbf0e8d18aca597a4fef98f765fd0b','{}');
INSERT INTO "revisions" VALUES(5,1767225604000,'create','arn:aws:iam::000000000000:root','000000000000','virtualRouter','shop','','r','593a052d-42b0-4cb2-a931-65ee122ddf8f',1,1767225604000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}',NULL,NULL,'{}');
INSERT INTO "revisions" VALUES(6,1767225605000,'create','arn:aws:iam::000000000000:root','000000000000','route','shop','r','all','e9b20fb2-e3bd-4977-b735-640f9995e03d',1,1767225605000,'000000000000',NULL,'{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}',NULL,NULL,'{}');
INSERT INTO "revisions" VALUES(7,1767225606000,'update','arn:aws:iam::000000000000:root','000000000000','route','shop','r','all','e9b20fb2-e3bd-4977-b735-640f9995e03d',2,1767225605000,'000000000000','{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}','{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}',NULL,NULL,NULL);
INSERT INTO "revisions" VALUES(8,1767225607000,'create','arn:aws:iam::000000000000:root','000000000000','virtualService','shop','','orders.shop.local','50877764-dd7c-444f-9896-603c56cfb619',1,1767225607000,'000000000000',NULL,'{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}',NULL,NULL,'{}');
INSERT INTO "revisions" VALUES(9,1767225608000,'tag','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','v1','5cd4220d-62eb-4eef-aa81-a089c8486422',1,1767225601000,'000000000000','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}','{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}',NULL,NULL,'{"release": "1 \u00fc"}');
INSERT INTO "revisions" VALUES(10,1767225609000,'delete','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','gone','b83374af-190f-4ca8-ae0e-014f71ac28c0',2,1767225603000,'000000000000','{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}',NULL,NULL,NULL,NULL);
INSERT INTO "revisions" VALUES(11,1767225610000,'create','arn:aws:iam::000000000000:root','000000000000','virtualNode','shop','','gone','8146e7d4-9bb0-4975-a05f-d09c5c1e071b',1,1767225610000,'000000000000',NULL,'{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}',NULL,NULL,'{}');
CREATE TABLE shares (
	account VARCHAR NOT NULL, 
	mesh VARCHAR NOT NULL, 
	consumer VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (account, mesh, consumer)
);
INSERT INTO "shares" VALUES('000000000000','shop','111111111111',1767225600000);
CREATE TABLE store (
	id INTEGER NOT NULL, 
	schema_version INTEGER NOT NULL, 
	secret VARCHAR NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "store" VALUES(1,3,'4b97528af52a2dbd63c3130ca76812d7ca887ce2899b6e49949705b61d608f7c',1767225600000);
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
CREATE INDEX shares_by_consumer ON shares (consumer);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX uses_by_used ON uses (account, mesh, used_kind, used_name);
COMMIT;
