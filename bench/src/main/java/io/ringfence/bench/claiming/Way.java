package io.ringfence.bench.claiming;

import io.ringfence.bench.claiming.PlayedGuest.Receiving;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The ways in which several senders can fill one receive queue. */
enum Way {
    SWITCH("switch", "claim held for a batch, else handoff: as in the switch") {
        @Override
        List<Sender> senders(int count, boolean spread, Receiving to) {
            SwitchSender.Network network =
                    new SwitchSender.Network(count, spread, to.shared().view(), to.table(), true);
            return number(count, i -> new SwitchSender(i, network, Sender.BATCH));
        }
    },
    SHORT_HANDOFF(
            "switch-16",
            "the same, but 16 frames of a batch are handed off at most, the others wait for the next visit") {
        @Override
        List<Sender> senders(int count, boolean spread, Receiving to) {
            SwitchSender.Network network =
                    new SwitchSender.Network(count, spread, to.shared().view(), to.table(), true);
            return number(count, i -> new SwitchSender(i, network, 16));
        }
    },
    TOKEN("token", "claim held for a batch, else the next visit, with the copy loop of the two below") {
        @Override
        List<Sender> senders(int count, boolean spread, Receiving to) {
            TokenSender.Shared shared = new TokenSender.Shared(to.shared(), true);
            return number(count, i -> new TokenSender(i, shared));
        }
    },
    COMPLETION_ORDER("completion", "claim, copy, publish in the order in which copies end") {
        @Override
        List<Sender> senders(int count, boolean spread, Receiving to) {
            SharedQueue queue = to.shared();
            Publication publication = new CompletionOrder(queue, count);
            return number(count, i -> new ClaimingSender(i, queue, true, publication));
        }
    },
    CLAIM_ORDER("in-order", "claim, copy, publish in the order of the claims") {
        @Override
        List<Sender> senders(int count, boolean spread, Receiving to) {
            SharedQueue queue = to.shared();
            Publication publication = new ClaimOrder(queue);
            return number(count, i -> new ClaimingSender(i, queue, true, publication));
        }
    };

    private final String word;
    private final String title;

    Way(String word, String title) {
        this.word = word;
        this.title = title;
    }

    /** As it is called on the command line. */
    String word() {
        return word;
    }

    String title() {
        return title;
    }

    /**
     * As many senders to a guest's queue, with mergeable buffers, each for a thread of its own.
     *
     * @param spread whether these have a CPU each
     */
    abstract List<Sender> senders(int count, boolean spread, Receiving to);

    private static List<Sender> number(int count, IntFunction<Sender> sender) {
        return IntStream.range(0, count).mapToObj(sender).toList();
    }
}
