package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.cli.log.LineQueue;
import io.ringfence.dataplane.cli.log.OperatorLog;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.report.CounterSummary;
import io.ringfence.dataplane.cli.signal.OverrunSignal;
import io.ringfence.dataplane.cli.signal.ReloadSignal;
import io.ringfence.dataplane.cli.signal.StopSignal;
import io.ringfence.dataplane.cli.systemd.ServiceManager;
import io.ringfence.dataplane.cli.systemd.ToldReloads;
import io.ringfence.dataplane.control.Dataplane;
import io.ringfence.dataplane.control.Reloader;
import io.ringfence.dataplane.diagnosis.Diagnosis;
import io.ringfence.dataplane.diagnosis.Disturbances;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.CpuLimit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs the dataplane in the foreground. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        header = "Run the dataplane in the foreground.",
        description = {
            "",
            "Prints one line that begins with `ready` to standard output when every socket listens, and an event a line"
                    + " to standard error: time, VM, what happened.",
            "",
            "SIGHUP has it read the file again: VMs that are the same go on undisturbed, the others come, go or change."
                    + " What does not fit, or needs a restart, is refused as a whole, and everything goes on as before.",
            "",
            "SIGTERM or SIGINT ends it within 2 s, with exit code 0 and a table of what was counted; a second one ends"
                    + " it at once. Partitions and sockets that a killed run leaves are cleaned up by the next one; but"
                    + " sockets of VMs that are no longer in the file stay.",
            "",
            "Needs root for SCHED_DEADLINE in partitions, which is the default of `host.scheduling`; `other` needs no"
                    + " rights and gives no promise.",
            "",
            "Exit codes: 0 ended by a signal; 1 failed; 2 the file is wrong; 3 this host cannot give what it asks for.",
            ""
        })
final class RunCommand implements Callable<Integer> {
    private static final long FLUSH_MILLIS = 500;

    /** Of the 1.8 s that a {@link StopSignal} waits for the end; CPUs are given back in half a second. */
    private static final Duration SESSIONS_END = Duration.ofMillis(900);

    @Mixin
    private final ConfigurationOption configurationOption = new ConfigurationOption();

    @Mixin
    private final CostModelOption costModelOption = new CostModelOption();

    @Mixin
    private final DiagnosisOption diagnosisOption = new DiagnosisOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException, IOException, InterruptedException {
        // Before the file is read: whoever changes it after that is heard.
        ReloadSignal reload = ReloadSignal.install();
        Configuration configuration = configurationOption.load();
        OperatorLog log = new OperatorLog(LineQueue.STANDARD_ERROR);
        try (StopSignal signal = StopSignal.install()) {
            Dataplane dataplane =
                    Dataplane.start(configuration, this::plan, log, diagnosisOption.wanted(), signal::stopping);
            Disturbances disturbances = disturb(dataplane);
            ServiceManager manager = ServiceManager.ofEnvironment(dataplane.log());
            Reloader reloader =
                    Reloader.start(dataplane, configurationOption::load, new ToldReloads(manager, dataplane));
            signal.endsBy(() -> {
                manager.stopping();
                disturbances.close();
                reloader.close();
                end(dataplane, log);
            });
            spec.commandLine().getOut().println("ready: " + dataplane.summary());
            manager.ready(dataplane.summary());
            // Only now: a reload ends with the same message to the service manager as the start.
            reload.reloadsBy(reloader::request);
            StopSignal.await();
        } finally {
            // Before the reason of a failure.
            LineQueue.STANDARD_ERROR.flush(FLUSH_MILLIS);
        }
        return ExitCode.DONE;
    }

    private Disturbances disturb(Dataplane dataplane) {
        if (diagnosisOption.wanted().contains(Diagnosis.OVERRUNS)) {
            OverrunSignal.count(dataplane);
        }
        return Disturbances.start(diagnosisOption.wanted());
    }

    private AdmissionPlan plan(Configuration configuration) {
        return new AdmissionPlan(configuration, costModelOption.file()::load, CpuLimit::read);
    }

    /** The counters are read before their file goes, but shown last: below what the sessions have to say. */
    private static void end(Dataplane dataplane, OperatorLog log) {
        String summary = summary(dataplane.counters().file(), log);
        dataplane.close(SESSIONS_END);
        LineQueue.STANDARD_ERROR.add(summary);
    }

    private static String summary(Path file, OperatorLog log) {
        try {
            return CounterSummary.of(Counters.read(file));
        } catch (IOException e) {
            log.warning("host", "the counters cannot be read: " + e);
            return "";
        }
    }
}
