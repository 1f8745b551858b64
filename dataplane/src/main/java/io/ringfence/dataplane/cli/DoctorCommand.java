package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.output.Ink;
import io.ringfence.dataplane.cli.report.AdmissionFindings;
import io.ringfence.dataplane.cli.report.DoctorReport;
import io.ringfence.dataplane.doctor.Doctor;
import io.ringfence.dataplane.doctor.Finding;
import io.ringfence.dataplane.doctor.Finding.Level;
import io.ringfence.dataplane.doctor.Host;
import io.ringfence.dataplane.doctor.HostFiles;
import io.ringfence.dataplane.doctor.Jvm;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Examines this host. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        header = "Examine this host: what Ringfence needs, what is missing, and how to mend it.",
        description = {
            "",
            "Prints a line for each thing looked at: ok, warning or error, and what was found; below it the command that"
                    + " mends it. Looks only: nothing is changed, whatever is found.",
            "",
            "Run it as Ringfence will run, as root for example: it looks at the rights of its own process. With --config"
                    + " it looks at the CPUs of `host.cpus`, what only higher rungs than `host.scheduling` need is a"
                    + " warning, and it says whether the VMs fit; without, it looks at all CPUs but the first.",
            "",
            "Exit codes: 0 no error, warnings perhaps; 2 the file is wrong; 3 at least one error.",
            ""
        })
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration file (YAML) that is to run here.")
    private @Nullable Path file;

    @Mixin
    private final CostModelOption costModelOption = new CostModelOption();

    @Option(names = "--json", description = "Print the findings as JSON.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException {
        Configuration configuration = file == null ? null : Configuration.load(file);
        Host host = host(configuration);
        List<Finding> findings = new ArrayList<>(Doctor.examine(host));
        if (configuration != null) {
            findings.addAll(AdmissionFindings.of(configuration, costModelOption.file()));
        }
        DoctorReport report = new DoctorReport(host.dataplaneCpus(), findings);
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? report.json() : report.text(Ink.ofStandardOutput()));
        out.flush();
        return findings.stream().anyMatch(finding -> finding.level() == Level.ERROR)
                ? ExitCode.HOST_REFUSES
                : ExitCode.DONE;
    }

    private static Host host(@Nullable Configuration configuration) {
        HostFiles files = new HostFiles(Path.of("/"));
        return configuration == null ? Host.of(files, Jvm.current()) : Host.of(files, Jvm.current(), configuration);
    }
}
