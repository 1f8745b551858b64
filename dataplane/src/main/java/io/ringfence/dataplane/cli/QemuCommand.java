package io.ringfence.dataplane.cli;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.config.Network;
import io.ringfence.config.Vm;
import io.ringfence.config.document.NearestWord;
import io.ringfence.config.document.Quote;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.qemu.GuestAttachment;
import io.ringfence.dataplane.qemu.LibvirtXml;
import io.ringfence.dataplane.qemu.QemuArguments;
import io.ringfence.dataplane.qemu.QemuVersion;
import io.ringfence.vhostuser.memory.GuestMemory;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints how a hypervisor attaches a guest. */
@Command(
        name = "qemu",
        mixinStandardHelpOptions = true,
        header = "Print the QEMU arguments, or the libvirt XML, that attach a VM.",
        description = {
            "",
            "The arguments go behind `qemu-system-x86_64`, beside those of the guest's disks and console. They hold the"
                    + " guest's memory too, because Ringfence can only serve a guest whose memory is shared (share=on)."
                    + " A lost connection is made again by `reconnect-ms=1000`, which QEMU before 9.2 spells `reconnect=1`.",
            "",
            "The XML is what a libvirt domain needs for Ringfence: merge it into the domain with `virsh edit`.",
            "",
            "A VM without `mac` in the file gets an address made from its name, the same at every call.",
            ""
        })
final class QemuCommand implements Callable<Integer> {
    enum Format {
        ARGUMENTS,
        LIBVIRT
    }

    private static final int MAX_MEMORY_MEBIBYTES = (int) (GuestMemory.MAX_BYTES >> 20);

    @Mixin
    private final ConfigurationOption configurationOption = new ConfigurationOption();

    @Parameters(paramLabel = "VM", description = "The name of a VM of the file.")
    private String name = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "arguments",
            description = "arguments or libvirt (default: arguments).")
    private Format format = Format.ARGUMENTS;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            defaultValue = "1024",
            description = "The guest's memory in MiB (default: 1024).")
    private int memoryMebibytes;

    @Option(
            names = "--vcpus",
            paramLabel = "N",
            defaultValue = "1",
            description = "The guest's virtual CPUs (default: 1).")
    private int vcpus;

    @Option(
            names = "--queues",
            paramLabel = "N",
            description = "Queue pairs, at most `queues` of the file (default: one for each virtual CPU, within that).")
    private @Nullable Integer queuePairs;

    @Option(
            names = "--qemu",
            paramLabel = "VERSION",
            converter = QemuVersion.Converter.class,
            description = "The version of QEMU that the arguments are for, such as 7.2 (default: that of the"
                    + " qemu-system-x86_64 on the PATH; without one, a recent version).")
    private @Nullable QemuVersion version;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException {
        GuestAttachment guest = attachment(configurationOption.load());
        String text = switch (format) {
            case ARGUMENTS -> QemuArguments.forShell(QemuArguments.of(guest, version()));
            case LIBVIRT -> LibvirtXml.of(guest);
        };
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
        return ExitCode.DONE;
    }

    private QemuVersion version() {
        QemuVersion asked = version;
        return asked != null ? asked : QemuVersion.installed();
    }

    private GuestAttachment attachment(Configuration configuration) {
        Vm vm = find(configuration.vms());
        Network network = configuration.networks().stream()
                .filter(candidate -> candidate.name().equals(vm.network()))
                .findFirst()
                .orElseThrow();
        int cpus = within("--vcpus", vcpus, 1, 4_096);
        int pairs = within(
                "--queues", queuePairs != null ? queuePairs : Math.min(cpus, vm.queuePairs()), 1, vm.queuePairs());
        return new GuestAttachment(
                vm, network, within("--memory", memoryMebibytes, 1, MAX_MEMORY_MEBIBYTES), cpus, pairs);
    }

    private Vm find(List<Vm> vms) {
        return vms.stream().filter(vm -> vm.name().equals(name)).findFirst().orElseThrow(() -> {
            List<String> names = vms.stream().map(Vm::name).toList();
            String known = names.isEmpty() ? "the file has none" : "the file has " + String.join(", ", names);
            return wrong(
                    "found no VM " + Quote.quote(name) + " in the file; " + NearestWord.suggestion(name, names, known));
        });
    }

    private int within(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw wrong("%s: found %d; expected %d to %d".formatted(option, value, min, max));
        }
        return value;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
