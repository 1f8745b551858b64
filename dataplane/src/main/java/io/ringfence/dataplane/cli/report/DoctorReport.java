package io.ringfence.dataplane.cli.report;

import io.ringfence.dataplane.cli.output.Ink;
import io.ringfence.dataplane.doctor.Finding;
import io.ringfence.dataplane.doctor.Finding.Level;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Findings as text or JSON. */
public final class DoctorReport {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final BitSet cpus;
    private final List<Finding> findings;

    /**
     * @param cpus those of the switch that were looked at
     * @param findings in the order in which they are to be shown
     */
    public DoctorReport(BitSet cpus, List<Finding> findings) {
        this.cpus = cpus;
        this.findings = findings;
    }

    /** Returns a line for each finding, one more for its remedy, and a line that sums up. */
    public String text(Ink ink) {
        int width = findings.stream()
                .mapToInt(each -> each.subject().length())
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            String level = "%-7s".formatted(name(finding.level()));
            String subject = ("%-" + width + "s").formatted(finding.subject());
            text.append("%s  %s  %s%n".formatted(coloured(ink, finding.level(), level), subject, finding.text()));
            if (!finding.remedy().isEmpty()) {
                text.append(" ".repeat(7 + 2 + width + 2))
                        .append(ink.dim("fix: " + finding.remedy()))
                        .append('\n');
            }
        }
        return text.append('\n').append(summary()).append('\n').toString();
    }

    private String summary() {
        long errors = count(Level.ERROR);
        long warnings = count(Level.WARNING);
        String outcome = errors > 0
                ? "Ringfence does not run here as asked."
                : warnings > 0 ? "Ringfence runs here, but not at its best." : "Ringfence runs here.";
        boolean judged = findings.stream().anyMatch(finding -> finding.subject().equals(AdmissionFindings.SUBJECT));
        String next = errors > 0 || judged ? "" : " Whether the VMs of a file fit, `--config FILE` says.";
        return "%s Errors: %d, warnings: %d.%s".formatted(outcome, errors, warnings, next);
    }

    private static String coloured(Ink ink, Level level, String text) {
        return switch (level) {
            case OK -> ink.green(text);
            case WARNING -> ink.yellow(text);
            case ERROR -> ink.red(text);
        };
    }

    /** Returns the same for programs. */
    public String json() {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode dataplane = root.putArray("dataplaneCpus");
        cpus.stream().forEach(dataplane::add);
        root.put("errors", count(Level.ERROR));
        root.put("warnings", count(Level.WARNING));
        ArrayNode list = root.putArray("findings");
        for (Finding finding : findings) {
            ObjectNode node = list.addObject();
            node.put("subject", finding.subject());
            node.put("level", name(finding.level()));
            node.put("text", finding.text());
            node.put("remedy", finding.remedy());
        }
        return JSON.writeValueAsString(root) + "\n";
    }

    private long count(Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    private static String name(Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
