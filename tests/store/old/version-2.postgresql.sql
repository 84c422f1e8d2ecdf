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
ALTER TABLE ONLY public.revisions ALTER COLUMN sequence SET DEFAULT nextval('public.revisions_sequence_seq'::regclass);
ALTER TABLE ONLY public.store ALTER COLUMN id SET DEFAULT nextval('public.store_id_seq'::regclass);
INSERT INTO public.resources VALUES ('000000000000', 'mesh', 'shop', '', 'shop', 'ba7c3662-e1f7-44af-a65d-f749609b137a', 1, 1767225600000, 1767225600000, '000000000000', '{"team": "a"}', '{}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualNode', 'shop', '', 'v2', '36051e54-26b1-4e2a-882a-54dad0478506', 1, 1767225602000, 1767225602000, '000000000000', '{}', '{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualRouter', 'shop', '', 'r', 'd2fe2788-b140-469e-babb-6fdc8f99e7cb', 1, 1767225604000, 1767225604000, '000000000000', '{}', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}');
INSERT INTO public.resources VALUES ('000000000000', 'route', 'shop', 'r', 'all', '00989601-a6d3-45aa-a0e1-b0d3f252607b', 2, 1767225605000, 1767225606000, '000000000000', '{}', '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualService', 'shop', '', 'orders.shop.local', '524b506e-6804-4a70-965d-251f8b375bbc', 1, 1767225607000, 1767225607000, '000000000000', '{}', '{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualNode', 'shop', '', 'v1', '088e442d-b5bb-4b64-a49e-ee44452c390d', 1, 1767225601000, 1767225601000, '000000000000', '{"release": "1 \u00fc"}', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}');
INSERT INTO public.resources VALUES ('000000000000', 'virtualNode', 'shop', '', 'gone', '3bae985e-b17a-4475-88c8-81ed9cb6b811', 1, 1767225610000, 1767225610000, '000000000000', '{}', '{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}');
INSERT INTO public.revisions VALUES (1, 1767225600000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'mesh', 'shop', '', 'shop', 'ba7c3662-e1f7-44af-a65d-f749609b137a', 1, 1767225600000, '000000000000', NULL, '{}', NULL, NULL, '{"team": "a"}');
INSERT INTO public.revisions VALUES (2, 1767225601000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'v1', '088e442d-b5bb-4b64-a49e-ee44452c390d', 1, 1767225601000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}', 'token-v1', 'd3a70ad180fc5e979e29b5bc15a216457fc2c2906f35fff56767bce4feed7b32', '{}');
INSERT INTO public.revisions VALUES (3, 1767225602000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'v2', '36051e54-26b1-4e2a-882a-54dad0478506', 1, 1767225602000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8082,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8082.local"}}}', 'token-v2', 'd124b9d28094c21f4acc9399480c9278474eb24602768c1b60c2124b7a6deaba', '{}');
INSERT INTO public.revisions VALUES (4, 1767225603000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'gone', '002cee40-5fce-4605-a621-9d3b75bca157', 1, 1767225603000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}', 'token-gone', '8b343a3960b99db97e1c0660b329f266d0bbf0e8d18aca597a4fef98f765fd0b', '{}');
INSERT INTO public.revisions VALUES (5, 1767225604000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualRouter', 'shop', '', 'r', 'd2fe2788-b140-469e-babb-6fdc8f99e7cb', 1, 1767225604000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}]}', NULL, NULL, '{}');
INSERT INTO public.revisions VALUES (6, 1767225605000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'route', 'shop', 'r', 'all', '00989601-a6d3-45aa-a0e1-b0d3f252607b', 1, 1767225605000, '000000000000', NULL, '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}', NULL, NULL, '{}');
INSERT INTO public.revisions VALUES (7, 1767225606000, 'update', 'arn:aws:iam::000000000000:root', '000000000000', 'route', 'shop', 'r', 'all', '00989601-a6d3-45aa-a0e1-b0d3f252607b', 2, 1767225605000, '000000000000', '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":1}]}}}', '{"httpRoute":{"match":{"prefix":"/"},"action":{"weightedTargets":[{"virtualNode":"v1","weight":90},{"virtualNode":"v3","weight":10}]}}}', NULL, NULL, NULL);
INSERT INTO public.revisions VALUES (8, 1767225607000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualService', 'shop', '', 'orders.shop.local', '524b506e-6804-4a70-965d-251f8b375bbc', 1, 1767225607000, '000000000000', NULL, '{"provider":{"virtualRouter":{"virtualRouterName":"r"}}}', NULL, NULL, '{}');
INSERT INTO public.revisions VALUES (9, 1767225608000, 'tag', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'v1', '088e442d-b5bb-4b64-a49e-ee44452c390d', 1, 1767225601000, '000000000000', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}', '{"listeners":[{"portMapping":{"port":8081,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8081.local"}}}', NULL, NULL, '{"release": "1 \u00fc"}');
INSERT INTO public.revisions VALUES (10, 1767225609000, 'delete', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'gone', '002cee40-5fce-4605-a621-9d3b75bca157', 2, 1767225603000, '000000000000', '{"listeners":[{"portMapping":{"port":8083,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8083.local"}}}', NULL, NULL, NULL, NULL);
INSERT INTO public.revisions VALUES (11, 1767225610000, 'create', 'arn:aws:iam::000000000000:root', '000000000000', 'virtualNode', 'shop', '', 'gone', '3bae985e-b17a-4475-88c8-81ed9cb6b811', 1, 1767225610000, '000000000000', NULL, '{"listeners":[{"portMapping":{"port":8084,"protocol":"http"}}],"serviceDiscovery":{"dns":{"hostname":"n8084.local"}}}', NULL, NULL, '{}');
INSERT INTO public.store VALUES (1, 2, '3f4fe54e9a9e4983f146cf22a6ae384b5fcf74bbb8bc437527210103862ab8b5', 1767225600000);
INSERT INTO public.uses VALUES ('000000000000', 'route', 'shop', 'r', 'all', 'virtualNode', 'v1');
INSERT INTO public.uses VALUES ('000000000000', 'route', 'shop', 'r', 'all', 'virtualNode', 'v3');
INSERT INTO public.uses VALUES ('000000000000', 'virtualService', 'shop', '', 'orders.shop.local', 'virtualRouter', 'r');
SELECT pg_catalog.setval('public.revisions_sequence_seq', 11, true);
SELECT pg_catalog.setval('public.store_id_seq', 1, false);
ALTER TABLE ONLY public.resources
    ADD CONSTRAINT resources_pkey PRIMARY KEY (account, kind, mesh, parent, name);
ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_pkey PRIMARY KEY (account, kind, mesh, parent, name, used_kind, used_name);
CREATE INDEX revisions_by_token ON public.revisions USING btree (token, principal) WHERE (token IS NOT NULL);
CREATE INDEX uses_by_used ON public.uses USING btree (account, mesh, used_kind, used_name);
ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_account_kind_mesh_parent_name_fkey FOREIGN KEY (account, kind, mesh, parent, name) REFERENCES public.resources(account, kind, mesh, parent, name) ON DELETE CASCADE;
