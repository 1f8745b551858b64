package io.ringfence.bench.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.claiming.PlayedGuest.Receiving;
import io.ringfence.bench.claiming.PlayedGuest.Transmitting;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens where a sender stops in the middle, step by step in one thread. */
final class ClaimingTest {
    private final Receiving receiver = new Receiving(QueueOptions.ofSize(64).withBufferLength(256));
    private final SharedQueue queue = receiver.shared();
    private final List<Transmitting> guests = List.of(guest(), guest());
    private final List<SplitVirtqueue> transmit =
            guests.stream().map(Transmitting::device).toList();
    private final List<Integer> arrived = new ArrayList<>();

    private static Transmitting guest() {
        return new Transmitting(QueueOptions.ofSize(64));
    }

    @AfterEach
    void close() {
        receiver.close();
        guests.forEach(Transmitting::close);
    }

    private void offer(int guest, int... lengths) {
        for (int length : lengths) {
            guests.get(guest).queue().claim(length);
            guests.get(guest).queue().commit();
        }
        guests.get(guest).queue().flush();
    }

    private List<Integer> arrived() {
        arrived.clear();
        receiver.queue().poll((memory, offset, length) -> arrived.add(length), 64);
        return arrived;
    }

    private ClaimingSender sender(int number, Publication publication) {
        return new ClaimingSender(number, queue, true, publication);
    }

    @Test
    void shouldKeepBackOwnFramesOnlyWhenStoppedInTheMiddleOfACopy() {
        Publication publication = new CompletionOrder(queue, 2);
        ClaimingSender stopped = sender(0, publication);
        ClaimingSender other = sender(1, publication);
        offer(0, 60, 61);
        offer(1, 70, 71, 72);
        assertThat(stopped.read(transmit.getFirst()) && stopped.claim()).isTrue();

        assertThat(other.send(transmit.getLast())).isEqualTo(3);
        assertThat(arrived()).containsExactly(70, 71, 72);

        stopped.copy();
        stopped.publish();
        assertThat(arrived()).containsExactly(60, 61);
    }

    @Test
    void shouldKeepBackLaterFramesOfAllWhenInOrderAndStoppedInTheMiddleOfACopy() {
        Publication publication = new ClaimOrder(queue);
        ClaimingSender stopped = sender(0, publication);
        ClaimingSender other = sender(1, publication);
        offer(0, 60, 61);
        offer(1, 70, 71, 72);
        assertThat(stopped.read(transmit.getFirst()) && stopped.claim()).isTrue();

        assertThat(other.send(transmit.getLast())).isEqualTo(3);
        assertThat(arrived()).isEmpty();

        stopped.copy();
        stopped.publish();
        assertThat(arrived()).containsExactly(60, 61, 70, 71, 72);
    }

    @Test
    void shouldShowWhatCameMeanwhileWhenStoppedInTheMiddleOfPublishing() {
        CompletionOrder publication = new CompletionOrder(queue, 2);
        ClaimingSender other = sender(1, publication);
        assertThat(publication.stopPublishing(0)).isTrue();
        offer(1, 70, 71);
        assertThat(other.send(transmit.getLast())).isEqualTo(2);
        offer(1, 72);
        assertThat(other.send(transmit.getLast())).isOne();
        assertThat(arrived()).isEmpty();
        assertThat(other.leftToOthers()).isEqualTo(3);

        publication.letGo();
        publication.lookAgain(0);
        assertThat(arrived()).containsExactly(70, 71, 72);
    }

    @Test
    void shouldKeepASendersOrderWhenItFindsTheTokenFreeAndEarlierFramesStillAside() {
        CompletionOrder publication = new CompletionOrder(queue, 2);
        ClaimingSender other = sender(1, publication);
        assertThat(publication.stopPublishing(0)).isTrue();
        offer(1, 70, 71);
        assertThat(other.send(transmit.getLast())).isEqualTo(2);
        publication.letGo();

        offer(1, 72);
        assertThat(other.send(transmit.getLast())).isOne();
        assertThat(arrived()).containsExactly(70, 71, 72);
        publication.lookAgain(0);
        assertThat(arrived()).isEmpty();
    }

    @Test
    void shouldReadDescriptorsAgainWhenSomebodyElseClaimedFirst() {
        Publication publication = new CompletionOrder(queue, 2);
        ClaimingSender first = sender(0, publication);
        long seen = queue.claimed();
        offer(0, 60);
        first.send(transmit.getFirst());
        assertThat(queue.claim(seen, 1)).as("a claim at a position of the past").isFalse();
        assertThat(arrived()).containsExactly(60);
    }

    @Test
    void shouldSpreadAFrameOverSeveralBuffersOrLeaveItWhenThereAreTooFew() {
        ClaimingSender sender = sender(0, new ClaimOrder(queue));
        receiver.queue().stopPosting();
        int sent = 0;
        for (int i = 0; i < 10; i++) {
            offer(0, 1514); // six buffers each, of 64
            sent += sender.send(transmit.getFirst());
        }
        offer(0, 1514);
        assertThat(sent).isEqualTo(10);
        assertThat(sender.send(transmit.getFirst())).as("four buffers are left").isZero();
        assertThat(arrived()).hasSize(10).containsOnly(1514);
        receiver.queue().startPosting();
        assertThat(sender.send(transmit.getFirst())).isOne();
        assertThat(arrived()).containsExactly(1514);
    }
}
