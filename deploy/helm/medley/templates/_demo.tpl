{{/* What the two stores for try-outs have in common. */}}

{{- define "medley.demo.metadata" -}}
name: {{ include "medley.fullname" (index . 0) }}-{{ index . 1 }}
namespace: {{ (index . 0).Release.Namespace }}
labels: {{- include "medley.labels" . | nindent 2 }}
{{- end }}

{{/* (dict "root" $ "name" "s3" "port" 9000 "callers" [...]) → the store's Service, ServiceAccount, and who may call it. */}}
{{- define "medley.demo" -}}
{{- $args := list .root .name }}
apiVersion: v1
kind: Service
metadata: {{- include "medley.demo.metadata" $args | nindent 2 }}
spec:
  clusterIP: None
  # A replica set must find itself before it is ready.
  publishNotReadyAddresses: true
  selector: {{- include "medley.selector" $args | nindent 4 }}
  ports: [{ name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}, protocol: TCP }]
---
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "medley.demo.metadata" $args | nindent 2 }}
automountServiceAccountToken: false
{{- if .root.Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "medley.demo.metadata" $args | nindent 2 }}
spec:
  podSelector:
    matchLabels: {{- include "medley.selector" $args | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
      {{- range append .callers .name }}
        - {{ include "medley.peer" (list $.root .) | nindent 10 | trim }}
      {{- end }}
      ports: [{ protocol: TCP, port: {{ .port }} }]
  egress:
    - to: {{- toYaml .root.Values.networkPolicy.dns | nindent 8 }}
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
    - to:
        - {{ include "medley.peer" $args | nindent 10 | trim }}
{{- end }}
{{- end }}

{{- define "medley.demo.podSettings" -}}
serviceAccountName: {{ include "medley.fullname" (index . 0) }}-{{ index . 1 }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml (index . 0).Values.defaults.podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: 30
{{- end }}

{{- define "medley.demo.claim" -}}
- metadata: { name: data }
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .Values.demo.storageClassName }}
    storageClassName: {{ . }}
    {{- end }}
    resources: { requests: { storage: {{ .Values.demo.storageSize }} } }
{{- end }}
