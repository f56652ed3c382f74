{{/*
Which secrets there are, who reads each, and where it comes from. A component that does not read one finds a placeholder
in its place: all components read the same medley.yaml, and each would refuse one that names files which are not there.
No two placeholders are alike, since some secrets must not be.
*/}}
{{- define "medley.secrets" -}}
{{- $generated := printf "%s-generated" (include "medley.fullname" .) -}}
- path: grpc-token
  components: [gateway, metadata, storage, thumbnail, url-preview, federation-fetch, maintenance, setup]
  credential: {{ .Values.grpc.token | default (dict "secret" $generated "secretKey" "grpc-token") | toJson }}
- path: mongodb-uri
  components: [metadata, setup]
  credential: {{ .Values.mongodb.uri | default (dict "value" (include "medley.demo.mongodbUri" .)) | toJson }}
- path: s3-access-key
  components: [storage, setup]
  credential: {{ .Values.s3.accessKey | default (dict "secret" $generated "secretKey" "s3-access-key") | toJson }}
- path: s3-secret-key
  components: [storage, setup]
  credential: {{ .Values.s3.secretKey | default (dict "secret" $generated "secretKey" "s3-secret-key") | toJson }}
{{- range $index, $homeserver := include "medley.homeservers" . | fromYamlArray }}
{{- with $homeserver.signingKey }}
- path: signing-key-{{ $index }}
  components: [federation-fetch]
  # No placeholder would pass for a key: only who reads it is told of it, by its environment.
  env: MEDLEY_HOMESERVERS__{{ $index }}__SIGNING_KEY_FILE
  credential: {{ toJson . }}
{{- end }}
{{- with $homeserver.appservice }}
- path: hs-token-{{ $index }}
  components: [gateway]
  credential: {{ toJson .hsToken }}
{{- with .asToken }}
- path: as-token-{{ $index }}
  components: [gateway]
  credential: {{ toJson . }}
{{- end }}
{{- end }}
{{- end }}
{{- if or .Values.helmTest.accessToken .Values.helmTest.tryOutUser }}
- path: test-token
  components: {{ .Values.helmTest.tryOutUser | ternary "[gateway, helm-test]" "[helm-test]" }}
  credential: {{ .Values.helmTest.accessToken | default (dict "secret" $generated "secretKey" "test-token") | toJson }}
{{- end }}
{{- if .Values.contentScanner.enabled }}
- path: scanner-token
  components: [gateway, content-scanner]
  credential: {{ .Values.contentScanner.token | default (dict "secret" $generated "secretKey" "scanner-token") | toJson }}
{{- end }}
{{- range .Values.secretFiles }}
- path: {{ .path }}
  components: {{ toJson .components }}
  credential: {{ omit . "path" "components" | toJson }}
{{- end }}
{{- end }}

{{/* (list $ "storage" "") → the sources of a component's volume of secrets; the last one is the suffix of the chart's own objects. */}}
{{- define "medley.secretSources" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $own := printf "%s%s" (include "medley.fullname" $root) (index . 2) -}}
{{- $placeholders := list -}}
{{- range include "medley.secrets" $root | fromYamlArray -}}
{{- if has $name .components }}
- secret:
    name: {{ tpl (.credential.secret | default $own) $root }}
    items: [{ key: {{ .credential.secretKey | default .path }}, path: {{ .path }} }]
{{- else if not .env }}
{{- $placeholders = append $placeholders (dict "key" (printf "placeholder-%s" .path) "path" .path) }}
{{- end }}
{{- end }}
- configMap:
    name: {{ $own }}
    items: {{ append $placeholders (dict "key" "placeholder" "path" "placeholder") | toJson }}
{{- end }}

{{/* The placeholders, as data of a ConfigMap. */}}
{{- define "medley.placeholders" -}}
placeholder: not for this component
{{- range include "medley.secrets" . | fromYamlArray }}
{{- if not .env }}
placeholder-{{ .path }}: {{ printf "%s is not for this component" .path }}
{{- end }}
{{- end }}
{{- end }}

{{/* What is given as a value, by path: the data of the chart's own Secret. */}}
{{- define "medley.secretValues" -}}
{{- range include "medley.secrets" . | fromYamlArray }}
{{- if hasKey .credential "value" }}
{{ .path }}: {{ quote .credential.value }}
{{- end }}
{{- end }}
{{- end }}
