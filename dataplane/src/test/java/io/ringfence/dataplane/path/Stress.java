package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * Traffic between guests, each queue pair with a thread for the guest and one for its worker; both stall at random.
 *
 * <p>Every frame carries its flow, its number in the flow and a checksum. The worker's thread calls the port as {@code
 * Worker} does, without its sleeps, so that far more interleavings happen in a second.
 */
final class Stress implements AutoCloseable {
    /** Who sends to whom, and what the receivers do. */
    enum Traffic {
        TO_ONE,
        ALL_TO_ALL,
        STALLING_RECEIVERS,
        RECONFIGURED_RECEIVERS,
        /** As all to all, of guests with up to three queue pairs and a worker for each. */
        SEVERAL_WORKERS
    }

    private static final int NOT_PINNED = -1;

    private final Lan lan;
    private final Traffic traffic;
    private final long seed;
    private final List<FlowGuest> guests = new ArrayList<>();
    private final List<Integer> vmOf = new ArrayList<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final CountDownLatch guestsDone;
    private int pinTo = NOT_PINNED;
    private volatile boolean stopGuests;
    private volatile boolean stopWorkers;

    Stress(int vms, Traffic traffic, long seed) {
        this.traffic = traffic;
        this.seed = seed;
        int[] workers = IntStream.range(0, vms)
                .map(vm -> traffic == Traffic.SEVERAL_WORKERS ? 1 + vm % 3 : 1)
                .toArray();
        int members = IntStream.of(workers).sum();
        lan = Lan.ofWorkers(workers);
        guestsDone = new CountDownLatch(members);
        for (int vm = 0; vm < vms; vm++) {
            lan.network().addresses().learn(address(vm), guests.size(), System.nanoTime());
            for (int pair = 0; pair < workers[vm]; pair++) {
                int member = guests.size();
                guests.add(new FlowGuest(member, members, vm, pair, member % 3, member % 2 == 1, violations));
                vmOf.add(vm);
                lan.port(member).configure(guests.get(member).state());
            }
        }
    }

    /** Has the workers of members 0, 2, 4 and so on run on this CPU only. */
    void pinEverySecondWorker(int cpu) {
        pinTo = cpu;
    }

    /** Sends for so long, then waits until everything has arrived or was dropped. */
    void run(long millis) throws InterruptedException {
        run(millis, () -> true);
    }

    /** Runs for so long, and on until enough has happened or 20 s are over. */
    void run(long millis, BooleanSupplier enough) throws InterruptedException {
        List<Thread> guestThreads = new ArrayList<>();
        List<Thread> workerThreads = new ArrayList<>();
        for (int i = 0; i < guests.size(); i++) {
            int member = i;
            guestThreads.add(Thread.ofPlatform().start(() -> guarded(() -> live(member, random(member)))));
            workerThreads.add(Thread.ofPlatform().start(() -> guarded(() -> work(member, random(~member)))));
        }
        TimeUnit.MILLISECONDS.sleep(millis); // the length of the run
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!enough.getAsBoolean() && System.nanoTime() < limit) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        stopGuests = true;
        if (!guestsDone.await(30, TimeUnit.SECONDS)) {
            violations.add("frames still in transmit queues 30 s after the last was sent: " + describe());
        }
        stopWorkers = true;
        for (Thread thread : workerThreads) {
            thread.join();
        }
        for (Thread thread : guestThreads) {
            thread.join();
        }
        guests.forEach(FlowGuest::startPosting);
        long before;
        do {
            before = received();
            lan.settle();
            guests.forEach(guest -> guest.receive(Integer.MAX_VALUE));
        } while (received() > before);
    }

    private RandomGenerator random(int stream) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 1_000_003 + stream);
    }

    private void guarded(Runnable part) {
        try {
            part.run();
        } catch (Throwable t) {
            violations.add(t + " at " + t.getStackTrace()[0]);
        }
    }

    /** The guest's side: sends and receives, and stalls now and then. */
    private void live(int member, RandomGenerator random) {
        FlowGuest guest = guests.get(member);
        boolean sends = traffic != Traffic.TO_ONE || member != 0;
        while (!stopGuests) {
            if (sends) {
                for (int i = random.nextInt(40); i > 0; i--) {
                    guest.send(traffic == Traffic.TO_ONE ? 0 : other(member, random), length(random));
                }
                guest.flush();
            }
            guest.receive(64);
            if (traffic == Traffic.STALLING_RECEIVERS && random.nextInt(200) == 0) {
                guest.stopPosting();
                LockSupport.parkNanos(random.nextInt(3_000_000));
                guest.startPosting();
            }
            stall(random);
        }
        while (guest.inFlight() > 0) {
            guest.receive(64);
            Thread.onSpinWait();
        }
        guestsDone.countDown();
        while (!stopWorkers) {
            guest.receive(64);
            LockSupport.parkNanos(1);
        }
    }

    private int other(int member, RandomGenerator random) {
        int to = random.nextInt(vmOf.getLast());
        return to >= vmOf.get(member) ? to + 1 : to;
    }

    private static int length(RandomGenerator random) {
        return random.nextInt(4) == 0 ? random.nextInt(FlowGuest.MIN_LENGTH, Lan.MAX_FRAME_LENGTH + 1) : 60;
    }

    /** The worker's side. */
    private void work(int member, RandomGenerator random) {
        if (pinTo != NOT_PINNED && member % 2 == 0) {
            Preemptor.pin(NativeThread.currentId(), pinTo);
        }
        GuestPort port = lan.port(member);
        FlowGuest guest = guests.get(member);
        while (!stopWorkers) {
            long now = System.nanoTime();
            port.visit(now, now + 50_000);
            if (random.nextInt(64) == 0) {
                port.arm();
                port.disarm();
            }
            if (traffic == Traffic.RECONFIGURED_RECEIVERS && random.nextInt(300) == 0) {
                configure(port, random.nextBoolean() ? DeviceState.empty() : guest.continued());
                stall(random);
                configure(port, guest.continued());
            }
            stall(random);
        }
    }

    private static void configure(GuestPort port, DeviceState state) {
        while (!port.configure(state)) {
            long now = System.nanoTime();
            port.visit(now, now + 50_000);
        }
    }

    private static void stall(RandomGenerator random) {
        switch (random.nextInt(32)) {
            case 0 -> LockSupport.parkNanos(random.nextInt(200_000));
            case 1, 2, 3 -> LockSupport.parkNanos(1);
            default -> {}
        }
    }

    /** What a user would notice, after {@link #run}. */
    void assertNothingLost() {
        assertThat(violations).as("what receivers found wrong").isEmpty();
        assertThat(sent()).as(describe()).isPositive().isEqualTo(lan.total(Counter.TRANSMITTED_FRAMES));
        assertThat(received() + lan.drops()).as(describe()).isEqualTo(sent());
        assertThat(leftBehind()).as("claims held or frames left in handoffs").isEmpty();
    }

    private long sent() {
        return guests.stream().mapToLong(FlowGuest::sent).sum();
    }

    /** Frames that guests found in their receive queues. */
    private long received() {
        return guests.stream().mapToLong(FlowGuest::received).sum();
    }

    /** Claims and handoffs that are not as they are when all is quiet. */
    private List<String> leftBehind() {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < guests.size(); i++) {
            if (!Held.free(lan.receive(i))) {
                found.add("the claim of " + i + " is held");
            }
            if (Held.anyHandedOff(lan.receive(i)) || lan.receive(i).backlogged()) {
                found.add("frames wait for " + i);
            }
        }
        return found;
    }

    /** All counters. */
    private String describe() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < guests.size(); i++) {
            text.append(lan.describe(i)).append('\n');
        }
        return text.toString();
    }

    @Override
    public void close() {
        lan.close();
        guests.forEach(FlowGuest::close);
    }
}
