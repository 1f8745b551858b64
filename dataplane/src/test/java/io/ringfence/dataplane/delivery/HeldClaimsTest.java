package io.ringfence.dataplane.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.Tally;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeldClaimsTest {
    private static final int SENDER = 0;
    private static final int FIRST = 1;
    private static final int SECOND = 2;

    private final Doorbell doorbell = new Doorbell();
    private final ReceiveSide[] sides = {side(SENDER), side(FIRST), side(SECOND)};
    private final HeldClaims claims = new HeldClaims(Claim.strangeHolder(SENDER), peers(sides));

    private ReceiveSide side(int member) {
        return new ReceiveSide(member, doorbell, new Tally(Counters.ofProcess()));
    }

    private static Peers peers(@Nullable ReceiveSide... receivers) {
        return new Peers(SENDER, receivers, new Handoff[receivers.length], new Handoff[receivers.length]);
    }

    @AfterEach
    void close() {
        doorbell.close();
    }

    private void deliverToAll() {
        for (int i = FIRST; i <= SECOND; i++) {
            assertThat(claims.tryTake(sides[i])).isTrue();
        }
        claims.endBatch();
        for (int i = 0; i < claims.count(); i++) {
            ReceiveSide ignored = claims.get(i);
            claims.letGo(i);
        }
        claims.noneLeft();
    }

    @Test
    void shouldTakeTheClaimsOfTheLastBatchAgainWhenAFaultStrikes() {
        deliverToAll();

        assertThat(claims.takeRecentAgain()).isTrue();

        assertThat(claims.isHolder(sides[FIRST])).isTrue();
        assertThat(claims.isHolder(sides[SECOND])).isTrue();
    }

    @Test
    void shouldLeaveTheClaimOfAMemberAloneWhenThatHasLeftSinceTheLastBatch() {
        deliverToAll();
        claims.know(peers(sides[SENDER], null, sides[SECOND]));

        assertThat(claims.takeRecentAgain()).isTrue();

        assertThat(Held.free(sides[FIRST])).as("nobody holds the claim").isTrue();
        assertThat(claims.isHolder(sides[SECOND])).isTrue();
    }

    @Test
    void shouldLeaveOnlyTheLastReceiverAloneWhenAFaultStrikes() {
        deliverToAll();

        claims.suspectLast(Suspects.LEFT_ALONE_NANOS * 1_000);

        assertThat(claims.tryTake(sides[FIRST])).isTrue();
        assertThat(claims.tryTake(sides[SECOND])).as("it is left alone").isFalse();
        claims.suspectLast(0);
        assertThat(claims.tryTake(sides[SECOND])).as("no longer").isTrue();
    }
}
