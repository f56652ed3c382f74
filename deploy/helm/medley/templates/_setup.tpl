{{/* (list $ "-10") → the metadata of what is there only while the setup runs; the last one is its place in the order. */}}
{{- define "medley.setupMetadata" -}}
name: {{ include "medley.fullname" (index . 0) }}-setup
namespace: {{ (index . 0).Release.Namespace }}
labels: {{- include "medley.labels" (list (index . 0) "setup") | nindent 2 }}
annotations:
  helm.sh/hook: {{ (index . 0).Values.demo.enabled | ternary "post-install,pre-upgrade" "pre-install,pre-upgrade" }}
  helm.sh/hook-weight: {{ index . 1 | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
