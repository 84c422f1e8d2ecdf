CREATE TABLE public.access_keys (
    id character varying NOT NULL,
    account character varying NOT NULL,
    principal character varying NOT NULL,
    policies text NOT NULL,
    status character varying NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    sealed_secret character varying NOT NULL,
    token_digest character varying
);
CREATE TABLE public.access_state (
    id integer NOT NULL,
    version bigint NOT NULL
);
CREATE SEQUENCE public.access_state_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.access_state_id_seq OWNED BY public.access_state.id;
CREATE TABLE public.audit (
    sequence bigint NOT NULL,
    at bigint NOT NULL,
    name character varying NOT NULL,
    account character varying,
    principal character varying,
    key character varying,
    source character varying NOT NULL,
    is_read_only boolean NOT NULL,
    error character varying,
    resource character varying,
    record text NOT NULL
);
CREATE SEQUENCE public.audit_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_sequence_seq OWNED BY public.audit.sequence;
CREATE TABLE public.credential_state (
    id integer NOT NULL,
    version bigint NOT NULL
);
CREATE SEQUENCE public.credential_state_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.credential_state_id_seq OWNED BY public.credential_state.id;
CREATE TABLE public.credentials (
    arn character varying NOT NULL,
    generation integer NOT NULL,
    kind character varying NOT NULL,
    certificate text NOT NULL,
    chain text NOT NULL,
    sealed_key text NOT NULL,
    created_at bigint NOT NULL,
    issuer character varying NOT NULL,
    issuer_generation integer NOT NULL,
    issues_from bigint,
    retires_at bigint,
    overlap_ms bigint NOT NULL
);
CREATE TABLE public.resources (
    account character varying NOT NULL COLLATE pg_catalog."C",
    kind character varying NOT NULL COLLATE pg_catalog."C",
    mesh character varying NOT NULL COLLATE pg_catalog."C",
    parent character varying NOT NULL COLLATE pg_catalog."C",
    name character varying NOT NULL COLLATE pg_catalog."C",
    uid character varying NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    last_updated_at bigint NOT NULL,
    owner character varying NOT NULL,
    tags text NOT NULL,
    spec text NOT NULL
);
CREATE TABLE public.revisions (
    sequence bigint NOT NULL,
    at bigint NOT NULL,
    action character varying NOT NULL,
    principal character varying NOT NULL,
    account character varying NOT NULL COLLATE pg_catalog."C",
    kind character varying NOT NULL COLLATE pg_catalog."C",
    mesh character varying NOT NULL COLLATE pg_catalog."C",
    parent character varying NOT NULL COLLATE pg_catalog."C",
    name character varying NOT NULL COLLATE pg_catalog."C",
    uid character varying NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    owner character varying NOT NULL,
    before text,
    after text,
    token character varying,
    digest character varying,
    tags text
);
CREATE SEQUENCE public.revisions_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.revisions_sequence_seq OWNED BY public.revisions.sequence;
CREATE TABLE public.shares (
    account character varying NOT NULL,
    mesh character varying NOT NULL,
    consumer character varying NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE public.store (
    id integer NOT NULL,
    schema_version integer NOT NULL,
    secret character varying NOT NULL,
    created_at bigint NOT NULL
);
CREATE SEQUENCE public.store_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.store_id_seq OWNED BY public.store.id;
CREATE TABLE public.uses (
    account character varying NOT NULL COLLATE pg_catalog."C",
    kind character varying NOT NULL COLLATE pg_catalog."C",
    mesh character varying NOT NULL COLLATE pg_catalog."C",
    parent character varying NOT NULL COLLATE pg_catalog."C",
    name character varying NOT NULL COLLATE pg_catalog."C",
    used_kind character varying NOT NULL,
    used_name character varying NOT NULL COLLATE pg_catalog."C"
);
ALTER TABLE ONLY public.access_state ALTER COLUMN id SET DEFAULT nextval('public.access_state_id_seq'::regclass);
ALTER TABLE ONLY public.audit ALTER COLUMN sequence SET DEFAULT nextval('public.audit_sequence_seq'::regclass);
ALTER TABLE ONLY public.credential_state ALTER COLUMN id SET DEFAULT nextval('public.credential_state_id_seq'::regclass);
ALTER TABLE ONLY public.revisions ALTER COLUMN sequence SET DEFAULT nextval('public.revisions_sequence_seq'::regclass);
ALTER TABLE ONLY public.store ALTER COLUMN id SET DEFAULT nextval('public.store_id_seq'::regclass);
INSERT INTO public.access_keys VALUES ('GKIA2JOAJIMYGQM5Y6YM', '000000000000', 'arn:aws:iam::000000000000:user/a', '[{"name": "AWSAppMeshReadOnly", "document": ""}]', 'Active', 1767225600000, NULL, '/QOqoYSUaXYEApNSNIpw2nsJwtHMOYnDxsOHKEropJS1iOZt/A7n2sKmmXKxfO6ciZj2Jb1NBQuk/YaPbiyZ/rh6wxQ=', NULL);
INSERT INTO public.access_state VALUES (1, 3);
INSERT INTO public.audit VALUES (1, 1767225600000, 'CreateMesh', '000000000000', 'arn:aws:iam::000000000000:root', NULL, '127.0.0.1', false, NULL, NULL, '{"eventVersion": "1.11", "userIdentity": {"type": "Root", "arn": "arn:aws:iam::000000000000:root", "accountId": "000000000000"}, "eventTime": "2026-01-01T00:00:00Z", "eventSource": "appmesh.amazonaws.com", "eventName": "CreateMesh", "awsRegion": "us-west-2", "sourceIPAddress": "127.0.0.1", "userAgent": "", "requestID": "", "eventID": "2e5b1363-6f65-4974-a187-b74cf516c9ad", "readOnly": false, "resources": [], "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "000000000000", "eventCategory": "Management", "requestParameters": null, "responseElements": null}');
INSERT INTO public.credential_state VALUES (1, 2);
INSERT INTO public.credentials VALUES ('arn:aws:acm-pca:us-west-2:000000000000:certificate-authority/2552b9e3-8574-442e-9315-87623dbf9f99', 1, 'authority', '-----BEGIN CERTIFICATE-----
MIIBZTCCAQugAwIBAgIUBqtkV3ZS3Cp0x1XiosWes21BwZUwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEZGVtbzAeFw0yNjExMjUyMTI1NTdaFw0zNjExMjIyMTMwNTda
MA8xDTALBgNVBAMMBGRlbW8wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATLhNhr
UsM1tBbDf31NoRMlROzUrmGefOPpp2CaVQvilmx8Obujqaq7Yrq20lNylfszhdxg
1WTjCyb608fLHSoZo0UwQzAdBgNVHQ4EFgQUkzi4x16pN2GsPRIi7xkFdPC/rXsw
EgYDVR0TAQH/BAgwBgEB/wIBADAOBgNVHQ8BAf8EBAMCAYYwCgYIKoZIzj0EAwID
SAAwRQIhAOSGY6L8BtUkPEjOnXhRcoeN7wZrkVr3nGfRVtSTKj+dAiBDdAbms2Lh
cGMMgKmdFKcYtBdIwCa0g5Nfot7kssb/fw==
', '', 'AdQQ6gemZWTbvaLoq/se8N8DXB1OkUzKYSRXa3YKMZbpRiItRTykXIPeLprylqCdbZPhncVxge+cvNFzPpeBATM+TMQpFtQzfeU5m3BH6Cr4eID/Cws02IoEa2k8lCvSiUkkpDHmD2a8IZ+7oV/T+rVhQLDsCSDLNPYEYknhcy6wYWPenRujj+hxotrMO4eK80DDdVb/NcdDyyu2aiiOF+RR3TY1pm/XqHh4+KTz95N9NZQ6T1fHC/QTx0ym3khShCSOV4V3MDSTOQ102eKP+pUTK3v1KkvpDJnPnxFJnLOQvgN52eCI15UIka9UdWfQn58HiucDeoYpLSTSCy55yFshf/GfS9Pn+uNkSag=', 1795642257965, '', 0, 1795642257965, NULL, 0);
INSERT INTO public.resources VALUES ('000000000000', 'mesh', 'shop', '', 'shop', '7a9c0aad-d5aa-48ae-97aa-370bbaffb285', 1, 1767225600000, 1767225600000, '000000000000', '{"team": "a"}', '{}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualNode', 'shop', '', 'v2', '550f2f6d-0f6b-437c-8487-ca58ac755b89', 1, 1767225602000, 1767225602000, '000000000000', '{}', '{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualRouter', 'shop', '', 'r', 'd63aa1e9-992a-4a38-a663-a5be6beb2f50', 1, 1767225604000, 1767225604000, '000000000000', '{}', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}');
INSERT INTO public.resources VALUES ('000000000000', 'route', 'shop', 'r', 'all', 'c7452fe6-cbdf-4297-8408-e9e8cd81d3e1', 2, 1767225605000, 1767225606000, '000000000000', '{}', '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualService', 'shop', '', 'orders.shop.local', 'e9e37543-d03e-4ed8-b4aa-6ccbeff183c0', 1, 1767225607000, 1767225607000, '000000000000', '{}', '{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualNode', 'shop', '', 'v1', 'a2626f42-b387-40ac-9eb9-02aae72785dc', 1, 1767225601000, 1767225601000, '000000000000', '{"release": "1 \u00fc"}', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualNode', 'shop', '', 'gone', 'c6dafb40-45c7-4edc-adf8-31afcbe84bb4', 1, 1767225610000, 1767225610000, '000000000000', '{}', '{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}');
INSERT INTO public.revisions VALUES (1, 1767225600000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'mesh', 'shop', '', 'shop', '7a9c0aad-d5aa-48ae-97aa-370bbaffb285', 1, 1767225600000, '000000000000', NULL, '{}', NULL, NULL, '{"team": "a"}');
INSERT INTO public.revisions VALUES (2, 1767225601000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'v1', 'a2626f42-b387-40ac-9eb9-02aae72785dc', 1, 1767225601000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}', 'token-v1', 'd3a70ad180fc5e979e29b5bc15a216457fc2c2906f35fff56767bce4feed7b32', '{}');
INSERT INTO public.revisions VALUES (3, 1767225602000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'v2', '550f2f6d-0f6b-437c-8487-ca58ac755b89', 1, 1767225602000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}', 'token-v2', 'd124b9d28094c21f4acc9399480c9278474eb24602768c1b60c2124b7a6deaba', '{}');
INSERT INTO public.revisions VALUES (4, 1767225603000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'gone', 'a8b36102-d7ee-464b-96d1-a0759e79ae7c', 1, 1767225603000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}', 'token-gone', '8b343a3960b99db97e1c0660b329f266d0bbf0e8d18aca597a4fef98f765fd0b', '{}');
INSERT INTO public.revisions VALUES (5, 1767225604000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualRouter', 'shop', '', 'r', 'd63aa1e9-992a-4a38-a663-a5be6beb2f50', 1, 1767225604000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}', NULL, NULL, '{}');
INSERT INTO public.revisions VALUES (6, 1767225605000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'route', 'shop', 'r', 'all', 'c7452fe6-cbdf-4297-8408-e9e8cd81d3e1', 1, 1767225605000, '000000000000', NULL, '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}', NULL, NULL, '{}');
INSERT INTO public.revisions VALUES (7, 1767225606000, 'update', 'arn:aws:iam::000000000000:root', '000000000000', 'route', 'shop', 'r', 'all', 'c7452fe6-cbdf-4297-8408-e9e8cd81d3e1', 2, 1767225605000, '000000000000', '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}', '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}', NULL, NULL, NULL);
INSERT INTO public.revisions VALUES (8, 1767225607000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualService', 'shop', '', 'orders.shop.local', 'e9e37543-d03e-4ed8-b4aa-6ccbeff183c0', 1, 1767225607000, '000000000000', NULL, '{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}', NULL, NULL, '{}');
INSERT INTO public.revisions VALUES (9, 1767225608000, 'tag', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'v1', 'a2626f42-b387-40ac-9eb9-02aae72785dc', 1, 1767225601000, '000000000000', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}', NULL, NULL, '{"release": "1 \u00fc"}');
INSERT INTO public.revisions VALUES (10, 1767225609000, 'delete', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'gone', 'a8b36102-d7ee-464b-96d1-a0759e79ae7c', 2, 1767225603000, '000000000000', '{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}', NULL, NULL, NULL, NULL);
INSERT INTO public.revisions VALUES (11, 1767225610000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'gone', 'c6dafb40-45c7-4edc-adf8-31afcbe84bb4', 1, 1767225610000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}', NULL, NULL, '{}');
INSERT INTO public.shares VALUES ('000000000000', 'shop', '111111111111', 1767225600000);
INSERT INTO public.store VALUES (1, 3, '1bad4528903739f7f85b8ff5361a722a286d5ff5d7eac25ffc056efae2f6cb0b', 1767225600000);
INSERT INTO public.uses VALUES ('000000000000', 'route', 'shop', 'r', 'all', 'virtualNode', 'v1');
INSERT INTO public.uses VALUES ('000000000000', 'route', 'shop', 'r', 'all', 'virtualNode', 'v3');
INSERT INTO public.uses VALUES ('000000000000', 'virtualService', 'shop', '', 'orders.shop.local', 'virtualRouter', 'r');
SELECT pg_catalog.setval('public.access_state_id_seq', 1, false);
SELECT pg_catalog.setval('public.audit_sequence_seq', 1, true);
SELECT pg_catalog.setval('public.credential_state_id_seq', 1, false);
SELECT pg_catalog.setval('public.revisions_sequence_seq', 11, true);
SELECT pg_catalog.setval('public.store_id_seq', 1, false);
ALTER TABLE ONLY public.access_keys
    ADD CONSTRAINT access_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_state
    ADD CONSTRAINT access_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY public.credential_state
    ADD CONSTRAINT credential_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT credentials_pkey PRIMARY KEY (arn, generation);
ALTER TABLE ONLY public.resources
    ADD CONSTRAINT resources_pkey PRIMARY KEY (account, kind, mesh, parent, name);
ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY public.shares
    ADD CONSTRAINT shares_pkey PRIMARY KEY (account, mesh, consumer);
ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_pkey PRIMARY KEY (account, kind, mesh, parent, name, used_kind, used_name);
CREATE INDEX audit_by_time ON public.audit USING btree (at);
CREATE INDEX revisions_by_token ON public.revisions USING btree (token, principal) WHERE (token IS NOT NULL);
CREATE INDEX shares_by_consumer ON public.shares USING btree (consumer);
CREATE INDEX uses_by_used ON public.uses USING btree (account, mesh, used_kind, used_name);
ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_account_kind_mesh_parent_name_fkey FOREIGN KEY (account, kind, mesh, parent, name) REFERENCES public.resources(account, kind, mesh, parent, name) ON DELETE CASCADE;
