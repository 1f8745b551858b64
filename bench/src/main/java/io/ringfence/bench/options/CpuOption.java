package io.ringfence.bench.options;

import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.scheduler.linux.CpuList;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --cpu}: the one that the workers are on. */
public final class CpuOption {
    @Option(
            names = "--cpu",
            paramLabel = "CPU",
            description = "The CPU for the workers (default: the last one that is online).")
    private @Nullable Integer cpu;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /**
     * Its number.
     *
     * @throws picocli.CommandLine.ParameterException if there is no such CPU, or not now
     */
    public int cpu() {
        Integer wanted = cpu;
        if (wanted == null) {
            return OnlineCpus.last();
        }
        BitSet online = OnlineCpus.read();
        Requirement.require(
                spec,
                "--cpu",
                wanted,
                wanted >= 0 && online.get(wanted),
                "one of the CPUs that are online, " + CpuList.format(online));
        return wanted;
    }
}
