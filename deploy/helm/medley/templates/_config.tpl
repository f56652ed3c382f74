{{/* The homeservers, be they given in the short way or as a list. */}}
{{- define "medley.homeservers" -}}
{{- .Values.homeservers | default (list (merge (dict "serverName" .Values.serverName) .Values.homeserver)) | toYaml -}}
{{- end }}

{{- define "medley.demo.mongodbUri" -}}
{{- $name := printf "%s-mongodb" (include "medley.fullname" .) -}}
mongodb://{{ $name }}-0.{{ $name }}.{{ .Release.Namespace }}.svc.{{ trimSuffix "." .Values.clusterDomain }}:27017/?replicaSet=rs0
{{- end }}

{{- define "medley.s3Endpoint" -}}
{{- .Values.s3.endpoint | default (printf "http://%s-s3.%s.svc.%s:9000" (include "medley.fullname" .) .Release.Namespace (trimSuffix "." .Values.clusterDomain)) -}}
{{- end }}

{{/* What every listener binds to. */}}
{{- define "medley.anyAddress" -}}
{{- eq .Values.networking.ipFamily "ipv4" | ternary "0.0.0.0" "[::]" -}}
{{- end }}

{{/* (list $ "metadata") → the address of a gRPC service: every replica that its headless Service names. */}}
{{- define "medley.grpcAddress" -}}
{{- $root := index . 0 -}}
dns:///{{ include "medley.fullname" $root }}-{{ index . 1 }}.{{ $root.Release.Namespace }}.svc.{{ trimSuffix "." $root.Values.clusterDomain }}:50051
{{- end }}

{{/* One entry of `homeservers` in medley.yaml, without its `config`. */}}
{{- define "medley.homeserver" -}}
{{- $secrets := "/etc/medley/secrets" -}}
{{- $index := index . 1 -}}
{{- with index . 2 -}}
server_name: {{ quote .serverName }}
{{- with .clientApi }}
client_api: {{ quote . }}
{{- end }}
{{- with .hosts }}
hosts: {{ toJson . }}
{{- end }}
{{- with .admins }}
admins: {{ toJson . }}
{{- end }}
{{- with .appservice }}
appservice:
  hs_token_file: {{ $secrets }}/hs-token-{{ $index }}
  {{- if .asToken }}
  as_token_file: {{ $secrets }}/as-token-{{ $index }}
  {{- end }}
  {{- with .id }}
  id: {{ quote . }}
  {{- end }}
  {{- with .senderLocalpart }}
  sender_localpart: {{ quote . }}
  {{- end }}
{{- end }}
{{- if and (eq $index 0) (index $ 0).Values.helmTest.tryOutUser }}
static_tokens:
  - { token_file: {{ $secrets }}/test-token, user_id: {{ printf "@medley-helm-test:%s" .serverName | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{/* The configuration that these values come to, without `config`. */}}
{{- define "medley.ownConfig" -}}
{{- $secrets := "/etc/medley/secrets" -}}
{{- $any := include "medley.anyAddress" . -}}
listen: { host: {{ $any | trimAll "[]" | quote }}, port: 8008, trusted_hops: {{ .Values.gateway.trustedHops }} }
homeservers:
{{- range $index, $homeserver := include "medley.homeservers" . | fromYamlArray }}
  - {{ mergeOverwrite (include "medley.homeserver" (list $ $index $homeserver) | fromYaml) ($homeserver.config | default dict) | toYaml | nindent 4 | trim }}
{{- end }}
metadata: { kind: mongodb, uri_file: {{ $secrets }}/mongodb-uri, database: {{ quote .Values.mongodb.database }} }
storage:
  kind: s3
  endpoint: {{ include "medley.s3Endpoint" . | quote }}
  bucket: {{ quote .Values.s3.bucket }}
  region: {{ quote .Values.s3.region }}
  {{- with .Values.s3.prefix }}
  prefix: {{ quote . }}
  {{- end }}
  access_key_file: {{ $secrets }}/s3-access-key
  secret_key_file: {{ $secrets }}/s3-secret-key
grpc:
  listen: {{ printf "%s:50051" $any | quote }}
{{- range $name := list "metadata" "storage" "thumbnail" "url-preview" "federation-fetch" }}
  {{ $name | replace "-" "_" }}: {{ include "medley.grpcAddress" (list $ $name) | quote }}
{{- end }}
  token_file: {{ $secrets }}/grpc-token
{{- if ne .Values.grpc.tls.mode "disabled" }}
  tls: { ca_file: /etc/medley/tls/ca.crt, cert_file: /etc/medley/tls/tls.crt, key_file: /etc/medley/tls/tls.key }
{{- end }}
{{- if .Values.contentScanner.enabled }}
content_scanner:
  address: {{ include "medley.grpcAddress" (list . "content-scanner") | quote }}
  token_file: {{ $secrets }}/scanner-token
{{- if ne .Values.grpc.tls.mode "disabled" }}
  tls: { ca_file: /etc/medley/tls/ca.crt, cert_file: /etc/medley/tls/tls.crt, key_file: /etc/medley/tls/tls.key }
{{- end }}
clamav: { address: {{ quote .Values.contentScanner.clamav.address }}, timeout: {{ quote .Values.contentScanner.clamav.timeout }} }
{{- end }}
data_port: { listen: {{ printf "%s:8081" $any | quote }} }
metrics: { host: {{ $any | trimAll "[]" | quote }}, port: 9090 }
thumbnails: { slots: {{ .Values.thumbnail.slots }} }
url_previews: { enabled: {{ (include "medley.component" (list . "url-preview") | fromYaml).enabled }} }
federation: { enabled: {{ (include "medley.component" (list . "federation-fetch") | fromYaml).enabled }} }
{{- with .Values.monitoring.otlp.endpoint }}
telemetry: { otlp_endpoint: {{ quote . }} }
{{- end }}
{{- end }}

{{/* (list $ "") → the one medley.yaml. Before the services are there (the suffix says so) nobody needs their certificates. */}}
{{- define "medley.config" -}}
{{- $config := mergeOverwrite (include "medley.ownConfig" (index . 0) | fromYaml) (index . 0).Values.config -}}
{{- if index . 1 -}}
{{- $_ := unset $config.grpc "tls" -}}
{{- if (index . 0).Values.contentScanner.enabled }}{{ $_ := unset $config.content_scanner "tls" }}{{ end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{/* (list $ "gateway" (dict …)) → a component's environment, without repeats: what is given last holds. */}}
{{- define "medley.env" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $component := index . 2 -}}
{{- $env := list -}}
{{- range include "medley.secrets" $root | fromYamlArray -}}
{{- if and .env (has $name .components) -}}
{{- $env = append $env (dict "name" .env "value" (printf "/etc/medley/secrets/%s" .path)) -}}
{{- end -}}
{{- end -}}
{{- if hasKey (include "medley.table" $root | fromYaml) $name -}}
{{- with $component.shutdown -}}
{{- $env = concat $env (list (dict "name" "MEDLEY_SHUTDOWN__DELAY" "value" (printf "%vs" .delaySeconds)) (dict "name" "MEDLEY_SHUTDOWN__GRACE" "value" (printf "%vs" .graceSeconds))) -}}
{{- end -}}
{{- end -}}
{{- if eq $name "storage" -}}
{{- $url := printf "%s://$(POD_IP):8081" (hasKey (include "medley.config" (list $root "") | fromYaml).grpc "tls" | ternary "https" "http") -}}
{{- $env = concat $env (list (dict "name" "POD_IP" "valueFrom" (dict "fieldRef" (dict "apiVersion" "v1" "fieldPath" "status.podIP"))) (dict "name" "MEDLEY_DATA_PORT__ADVERTISE" "value" $url)) -}}
{{- end -}}
{{- if and (ne $root.Values.networking.ipFamily "ipv4") (hasKey (include "medley.table" $root | fromYaml) $name) -}}
{{- /* The image's own environment says 0.0.0.0 and lies over the file. Its values are YAML. */ -}}
{{- range $key, $address := dict "LISTEN__HOST" "::" "METRICS__HOST" "::" "GRPC__LISTEN" "[::]:50051" "DATA_PORT__LISTEN" "[::]:8081" -}}
{{- $env = append $env (dict "name" (printf "MEDLEY_%s" $key) "value" (quote $address)) -}}
{{- end -}}
{{- end -}}
{{- if eq $name "thumbnail" -}}
{{- $env = concat $env (list (dict "name" "MALLOC_ARENA_MAX" "value" "2") (dict "name" "UV_THREADPOOL_SIZE" "value" (printf "%v" (add 4 $root.Values.thumbnail.slots)))) -}}
{{- end -}}
{{- $byName := dict -}}
{{- $names := list -}}
{{- range concat $env $component.extraEnv -}}
{{- $_ := set $byName .name . -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- range uniq $names }}
- {{ index $byName . | toYaml | nindent 2 | trim }}
{{- end }}
{{- end }}
