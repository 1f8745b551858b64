package io.ringfence.config;

import io.ringfence.config.document.Key;
import io.ringfence.config.document.Located;
import io.ringfence.config.document.NearestWord;
import io.ringfence.config.document.Problems;
import io.ringfence.config.document.Quote;
import io.ringfence.config.document.Section;
import io.ringfence.config.document.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rules between values of a configuration file; each value is valid by itself, or missing here. */
final class CrossChecks {
    private final Section file;
    private final Problems problems;

    private CrossChecks(Section file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    static void check(Section file, Problems problems) {
        CrossChecks checks = new CrossChecks(file, problems);
        checks.unique(checks.all(ConfigurationFile.NETWORKS, ConfigurationFile.NETWORK_NAME));
        checks.unique(checks.all(ConfigurationFile.VMS, ConfigurationFile.VM_NAME));
        checks.unique(checks.all(ConfigurationFile.VMS, ConfigurationFile.SOCKET));
        checks.addressesAreUniqueInTheirNetwork();
        checks.networksExist();
        checks.cpusBelongToTheDataplane();
        checks.runtimesFitPeriods();
        LimitChecks.check(file, problems);
        checks.workersHaveQueuesAndReservations();
    }

    private <T> void unique(List<Located<T>> values) {
        Map<T, Located<T>> seen = new HashMap<>();
        for (Located<T> value : values) {
            Located<T> first = seen.putIfAbsent(value.value(), value);
            if (first != null) {
                problems.add(
                        value.mark(),
                        value.path(),
                        "%s, which is also %s (line %d)"
                                .formatted(
                                        quote(value.value()),
                                        first.path(),
                                        first.mark().line()),
                        "a value of its own",
                        "change one of the two");
            }
        }
    }

    /** Networks are isolated from each other, so that their tenants need not agree on addresses. */
    private void addressesAreUniqueInTheirNetwork() {
        Map<String, List<Located<MacAddress>>> addresses = new LinkedHashMap<>();
        for (Located<Section> located : file.find(ConfigurationFile.VMS).orElse(List.of())) {
            Section vm = located.value();
            vm.find(ConfigurationFile.NETWORK)
                    .ifPresent(network -> vm.located(ConfigurationFile.MAC)
                            .ifPresent(mac -> addresses
                                    .computeIfAbsent(network, name -> new ArrayList<>())
                                    .add(mac)));
        }
        addresses.values().forEach(this::unique);
    }

    private void networksExist() {
        List<String> names = all(ConfigurationFile.NETWORKS, ConfigurationFile.NETWORK_NAME).stream()
                .map(Located::value)
                .toList();
        if (names.size() < file.find(ConfigurationFile.NETWORKS).map(List::size).orElse(1)) {
            return; // The network meant may be one whose name could not be read.
        }
        for (Located<String> network : all(ConfigurationFile.VMS, ConfigurationFile.NETWORK)) {
            if (!names.contains(network.value())) {
                problems.add(
                        network.mark(),
                        network.path(),
                        quote(network.value()),
                        "the name of one of the networks",
                        NearestWord.suggestion(network.value(), names, "add it to `networks:`"));
            }
        }
    }

    private void cpusBelongToTheDataplane() {
        Optional<List<Integer>> cpus = file.find(ConfigurationFile.HOST)
                .flatMap(host -> host.find(ConfigurationFile.CPUS))
                .map(located -> located.stream().map(Located::value).distinct().toList());
        for (Located<Integer> cpu : all(ConfigurationFile.VMS, ConfigurationFile.CPU)) {
            if (cpus.isPresent() && !cpus.get().contains(cpu.value())) {
                problems.add(
                        cpu.mark(),
                        cpu.path(),
                        "CPU " + cpu.value(),
                        "one of host.cpus, which are " + cpus.get(),
                        "choose one of these, or add it to host.cpus");
            }
        }
    }

    private void runtimesFitPeriods() {
        for (Located<Section> reservation : all(ConfigurationFile.VMS, ConfigurationFile.RESERVATION)) {
            Optional<Located<Long>> runtime = reservation.value().located(ConfigurationFile.RUNTIME);
            Optional<Located<Long>> period = reservation.value().located(ConfigurationFile.PERIOD);
            if (runtime.isPresent()
                    && period.isPresent()
                    && runtime.get().value() > period.get().value()) {
                problems.add(
                        runtime.get().mark(),
                        runtime.get().path(),
                        duration(runtime.get().value()),
                        "at most the period, which is " + duration(period.get().value()),
                        "lower the runtime or raise the period");
            }
        }
    }

    private void workersHaveQueuesAndReservations() {
        for (Located<Section> located : file.find(ConfigurationFile.VMS).orElse(List.of())) {
            Section vm = located.value();
            Optional<Located<Integer>> workers =
                    vm.located(ConfigurationFile.WORKERS).filter(several -> several.value() > 1);
            if (workers.isEmpty()) {
                continue;
            }
            vm.find(ConfigurationFile.QUEUES)
                    .filter(queues -> workers.get().value() > queues)
                    .ifPresent(queues -> problems.add(
                            workers.get().mark(),
                            workers.get().path(),
                            workers.get().value() + " workers",
                            "at most one for each queue pair, of which `queues` allows " + queues,
                            "lower it or raise `queues`"));
            // Which of its queues a guest sends by is its own choice: no share of a rate can be promised to each.
            if (vm.find(ConfigurationFile.GUARANTEE).isPresent()) {
                problems.add(
                        workers.get().mark(),
                        workers.get().path(),
                        workers.get().value() + " workers and a `guarantee`",
                        "one worker, from whose CPU time a guarantee is derived",
                        "use `reservation`, which each worker gets, or leave out `workers`");
            }
            vm.find(ConfigurationFile.LIMIT).ifPresent(limit -> {
                limit.located(ConfigurationFile.LIMIT_RATE)
                        .ifPresent(rate -> limitIsEnoughFor(workers.get().value(), rate, rate(rate.value())));
                limit.located(ConfigurationFile.LIMIT_BURST)
                        .ifPresent(
                                burst -> limitIsEnoughFor(workers.get().value(), burst, "a burst of " + burst.value()));
            });
        }
    }

    /** Each worker gets an equal part. */
    private void limitIsEnoughFor(int workers, Located<? extends Number> packets, String written) {
        if (packets.value().longValue() < workers) {
            problems.add(
                    packets.mark(),
                    packets.path(),
                    written,
                    "at least one packet for each of the " + workers + " workers, which share the limit equally",
                    "raise it or lower `workers`");
        }
    }

    private static String rate(long packetsPerSecond) {
        return Unit.written(packetsPerSecond, Unit.PACKET_RATE);
    }

    /** Returns the valid values of {@code key} in all elements of {@code list}, in the order of the file. */
    private <T> List<Located<T>> all(Key<List<Located<Section>>> list, Key<T> key) {
        return file.find(list).orElse(List.of()).stream()
                .flatMap(element -> element.value().located(key).stream())
                .toList();
    }

    private static String duration(long nanos) {
        return Unit.written(nanos, Unit.DURATION);
    }

    private static String quote(Object value) {
        return Quote.quote(value.toString());
    }
}
