{{/* Each takes (dict "root" $ "component" NAME); the two below are those of the cluster process. */}}
{{- define "crowsnest.nameOf" -}}
{{- printf "%s-%s" .root.Release.Name .component | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "crowsnest.selectorOf" -}}
app.kubernetes.io/name: crowsnest
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "crowsnest.labelsOf" -}}
{{ include "crowsnest.selectorOf" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "crowsnest.name" -}}
{{- include "crowsnest.nameOf" (dict "root" . "component" "cluster") -}}
{{- end -}}

{{- define "crowsnest.selector" -}}
{{- include "crowsnest.selectorOf" (dict "root" . "component" "cluster") -}}
{{- end -}}

{{- define "crowsnest.labels" -}}
{{- include "crowsnest.labelsOf" (dict "root" . "component" "cluster") -}}
{{- end -}}

{{/* Not empty where an agent runs on every node: it needs a place to ship to. */}}
{{- define "crowsnest.runsAgent" -}}
{{- if and .Values.agent.enabled (or (dig "ship" "metrics" "" .Values.config) (dig "ship" "logs" "" .Values.config)) -}}yes{{- end -}}
{{- end -}}
