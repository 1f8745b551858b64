package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cli.report.PlanTables;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.OnlineCpus;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Validates a configuration and shows its admission plan. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        header = "Validate a configuration and show its admission plan; touch nothing.",
        description = {
            "",
            "Reports every problem of the file at once, with line and column. For a valid file it prints the guarantee,"
                    + " the reservation, the CPU and the worst-case latency of each VM, and the load of each dataplane"
                    + " CPU against the limit of this host's kernel.",
            "",
            "The limit is sched_rt_runtime_us / sched_rt_period_us, less what the kernel's own servers take, which"
                    + " /sys/kernel/debug/sched tells; where that cannot be read (it takes root and debugfs) the"
                    + " kernel's default is assumed and said so. `run` asks the kernel itself.",
            "",
            "Exit codes: 0 valid; 2 the file is wrong; 3 this host cannot give what it asks for.",
            ""
        })
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOption configurationOption = new ConfigurationOption();

    @Mixin
    private final CostModelOption costModelOption = new CostModelOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException {
        Configuration configuration = configurationOption.load();
        AdmissionPlan plan = new AdmissionPlan(configuration, costModelOption.file()::load, CpuLimit::read);
        PrintWriter out = spec.commandLine().getOut();
        out.print(new PlanTables(plan));
        out.flush();
        List<String> refusals = plan.refusals(OnlineCpus.read());
        refusals.forEach(refusal -> spec.commandLine().getErr().println("ringfence: " + refusal));
        return refusals.isEmpty() ? ExitCode.DONE : ExitCode.HOST_REFUSES;
    }
}
