package io.ringfence.config;

import io.ringfence.config.document.Located;
import io.ringfence.config.document.Section;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The records that come of a {@link ConfigurationFile} in which nothing was found wrong. */
final class ConfigurationRecords {
    private ConfigurationRecords() {}

    /** All of the file. */
    static Configuration configuration(Section file) {
        return new Configuration(
                host(file.get(ConfigurationFile.HOST)),
                file.get(ConfigurationFile.NETWORKS).stream()
                        .map(located -> network(located.value()))
                        .toList(),
                file.get(ConfigurationFile.VMS).stream()
                        .map(located -> vm(located.value()))
                        .toList(),
                file.find(ConfigurationFile.JOURNAL).map(ConfigurationRecords::journal));
    }

    private static JournalSpec journal(Section journal) {
        return new JournalSpec(journal.get(ConfigurationFile.JOURNAL_DIRECTORY), journal.get(ConfigurationFile.RETAIN));
    }

    private static Host host(Section host) {
        return new Host(
                host.get(ConfigurationFile.CPUS).stream().map(Located::value).toList(),
                host.get(ConfigurationFile.SCHEDULING),
                host.get(ConfigurationFile.IDLE));
    }

    private static Network network(Section network) {
        return new Network(
                network.get(ConfigurationFile.NETWORK_NAME),
                network.get(ConfigurationFile.MTU),
                Duration.ofNanos(network.get(ConfigurationFile.AGEING)),
                network.get(ConfigurationFile.MAC_LIMIT));
    }

    private static Vm vm(Section vm) {
        return new Vm(
                vm.get(ConfigurationFile.VM_NAME),
                vm.get(ConfigurationFile.SOCKET),
                vm.get(ConfigurationFile.ROLE),
                vm.get(ConfigurationFile.NETWORK),
                vm.find(ConfigurationFile.MAC),
                vm.find(ConfigurationFile.CPU).map(OptionalInt::of).orElseGet(OptionalInt::empty),
                entitlement(vm),
                vm.find(ConfigurationFile.LIMIT).map(ConfigurationRecords::limit),
                vm.get(ConfigurationFile.QUEUES),
                vm.get(ConfigurationFile.WORKERS),
                vm.get(ConfigurationFile.OFFLOADS),
                vm.get(ConfigurationFile.RECLAIM));
    }

    private static LimitSpec limit(Section limit) {
        return new LimitSpec(
                limit.find(ConfigurationFile.LIMIT_RATE).map(OptionalLong::of).orElseGet(OptionalLong::empty),
                limit.find(ConfigurationFile.LIMIT_BANDWIDTH)
                        .map(OptionalLong::of)
                        .orElseGet(OptionalLong::empty),
                limit.find(ConfigurationFile.LIMIT_BURST).map(OptionalInt::of).orElseGet(OptionalInt::empty));
    }

    private static Entitlement entitlement(Section vm) {
        return vm.find(ConfigurationFile.GUARANTEE)
                .<Entitlement>map(ConfigurationRecords::guarantee)
                .orElseGet(() -> reservation(vm.get(ConfigurationFile.RESERVATION)));
    }

    private static GuaranteeSpec guarantee(Section guarantee) {
        return new GuaranteeSpec(
                guarantee.get(ConfigurationFile.RATE),
                guarantee.get(ConfigurationFile.BURST),
                guarantee.find(ConfigurationFile.LATENCY).map(OptionalLong::of).orElseGet(OptionalLong::empty));
    }

    private static ReservationSpec reservation(Section reservation) {
        return new ReservationSpec(
                reservation.get(ConfigurationFile.RUNTIME), reservation.get(ConfigurationFile.PERIOD));
    }
}
