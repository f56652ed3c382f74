{{/*
The paths that a Synapse beside Medley gives up, by who asks at which hosts; whole path elements, everything below included.
The `admin` ones that are no prefixes can only be told to an HTTPRoute.
*/}}
{{- define "medley.paths" -}}
client: [/_matrix/client/v1/media, /_matrix/media]
federation: [/_matrix/federation/v1/media, /_matrix/media]
admin:
  - /_medley/v1
  - /_synapse/admin/v1/media
  - /_synapse/admin/v1/purge_media_cache
  - /_synapse/admin/v1/quarantine_media
  - /_synapse/admin/v1/statistics/users/media
{{- end }}

{{- define "medley.adminPatterns" -}}
- /_synapse/admin/v1/room/[^/]+/media(/quarantine)?
- /_synapse/admin/v1/user/[^/]+/media/quarantine
- /_synapse/admin/v1/users/[^/]+/media
{{- end }}

{{/* Hosts and the paths there: a host that is named twice is told once, with the paths of both. */}}
{{- define "medley.pathsByHost" -}}
{{- $paths := include "medley.paths" . | fromYaml -}}
{{- $byHost := dict -}}
{{- range $kind := list "client" "federation" "admin" -}}
{{- range index $.Values.hosts $kind -}}
{{- $host := tpl . $ -}}
{{- $_ := set $byHost $host (concat (index $byHost $host | default list) (index $paths $kind) | uniq | sortAlpha) -}}
{{- end -}}
{{- end -}}
{{- toYaml $byHost -}}
{{- end }}
