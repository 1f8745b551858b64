package io.ringfence.dataplane.cli.report;

import io.ringfence.dataplane.cli.output.OneLine;
import io.ringfence.dataplane.cli.output.TextTable;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.journal.JournalRecord.Interval;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records as a person reads them: an event a row, and a row for all intervals of a VM that follow each other alike. */
public final class HistoryTable {
    private static final String NOBODY = "-";

    private record Row(Instant at, List<String> cells) {}

    private final List<Row> rows = new ArrayList<>();
    private final Map<String, IntervalRun> runs = new LinkedHashMap<>();

    /** Adds a record; in the order of the journal. */
    public void add(JournalRecord entry) {
        if (entry instanceof Interval interval) {
            addInterval(interval);
            return;
        }
        endRuns(entry.vm());
        switch (entry) {
            case JournalRecord.Started started ->
                event(
                        entry,
                        "started",
                        "process %d, %d VMs on CPUs %s".formatted(started.pid(), started.vms(), started.cpus()));
            case JournalRecord.Stopped stopped -> event(entry, "stopped", "process " + stopped.pid());
            case JournalRecord.Rung rung ->
                event(entry, "scheduling", "%s; lowest allowed is %s".formatted(rung.rung(), rung.lowestAllowed()));
            case JournalRecord.Admission admission ->
                event(entry, admission.admitted() ? "admitted" : "REFUSED", admission(admission));
            case JournalRecord.Session session -> event(entry, session.state(), orEmpty(session.reason()));
            case JournalRecord.Event event -> event(entry, event.warning() ? "warning" : "event", event.text());
            case Interval ignored -> throw new IllegalStateException("handled above");
        }
    }

    private void addInterval(Interval interval) {
        IntervalRun run = runs.get(interval.vm());
        if (run == null || !run.continuesWith(interval)) {
            endRuns(interval.vm());
            runs.put(interval.vm(), new IntervalRun(interval));
        } else {
            run.add(interval);
        }
    }

    /** @param vm whose, or a worker's; null for all */
    private void endRuns(@Nullable String vm) {
        List<String> ended = runs.keySet().stream()
                .filter(name -> vm == null || name.equals(vm) || name.startsWith(vm + "/"))
                .toList();
        for (String name : ended) {
            IntervalRun run = runs.remove(name);
            if (run != null) {
                rows.add(row(name, run));
            }
        }
    }

    private static Row row(String vm, IntervalRun run) {
        return new Row(
                run.from(),
                List.of(
                        time(run.from()),
                        length(run.length()),
                        vm,
                        run.isIdle() ? "idle" : run.verdict().words(),
                        run.guaranteedRate() == 0 ? "" : count(run.guaranteedRate()),
                        count(run.offeredRate()),
                        count(run.carriedRate()),
                        count(run.dropped()),
                        run.reservedNanos() == 0 ? "" : Math.round(100.0 * run.usedNanos() / run.reservedNanos()) + "%",
                        run.worstLatencyNanos() == 0 ? "" : latency(run.worstLatencyNanos()),
                        count(run.stalls()),
                        count(run.throttles()),
                        run.note()));
    }

    private void event(JournalRecord entry, String what, String note) {
        String vm = entry.vm();
        rows.add(new Row(
                entry.at(),
                List.of(
                        time(entry.at()),
                        "",
                        vm == null ? NOBODY : vm,
                        what,
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        OneLine.of(note))));
    }

    private static String admission(JournalRecord.Admission admission) {
        String guarantee = admission.guaranteedFramesPerSecond() == 0
                ? ""
                : "; guaranteed %s/s in bursts of %d%s"
                        .formatted(
                                count(admission.guaranteedFramesPerSecond()),
                                admission.guaranteedBurstFrames(),
                                admission.guaranteedLatencyNanos() == 0
                                        ? ""
                                        : " within " + latency(admission.guaranteedLatencyNanos()));
        return "%s every %s on CPU %d%s%s"
                .formatted(
                        latency(admission.runtimeNanos()),
                        latency(admission.periodNanos()),
                        admission.cpu(),
                        guarantee,
                        admission.reason() == null ? "" : ": " + admission.reason());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String length(Duration length) {
        long seconds = Math.round(length.toNanos() / 1e9);
        if (seconds < 60) {
            return seconds + "s";
        }
        return seconds < 3600
                ? "%dm%02ds".formatted(seconds / 60, seconds % 60)
                : "%dh%02dm".formatted(seconds / 3600, seconds / 60 % 60);
    }

    private static String count(long number) {
        if (number < 10_000) {
            return Long.toString(number);
        }
        return number < 10_000_000 ? "%.1fk".formatted(number / 1e3) : "%.1fM".formatted(number / 1e6);
    }

    private static String latency(long nanos) {
        if (nanos < 10_000_000) {
            return Math.round(nanos / 1e3) + "us";
        }
        return nanos < 10_000_000_000L ? "%.1fms".formatted(nanos / 1e6) : "%.1fs".formatted(nanos / 1e9);
    }

    /** Whether nothing was added that it shows. */
    public boolean isEmpty() {
        return rows.isEmpty() && runs.isEmpty();
    }

    /** Returns all rows by their time; those that still go on end here. */
    @Override
    public String toString() {
        endRuns(null);
        TextTable table = new TextTable()
                .words("TIME")
                .numbers("FOR")
                .words("VM")
                .words("WHAT")
                .numbers("GUARANTEED")
                .numbers("OFFERED")
                .numbers("CARRIED")
                .numbers("DROPPED")
                .numbers("BUDGET")
                .numbers("WORST")
                .numbers("STALLS")
                .numbers("THROTTLES")
                .words("NOTE");
        rows.stream()
                .sorted(Comparator.comparing(Row::at))
                .forEach(row -> table.row(row.cells().toArray(String[]::new)));
        return table.toString();
    }
}
