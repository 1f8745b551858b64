package io.ringfence.dataplane.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A guest that chooses its addresses cannot keep a neighbour's out of the table. */
class MacTableTest {
    private static final int ATTACKER = 0;
    private static final int VICTIM = 1;
    private static final int LIMIT = 64;
    private static final int TABLES = 200;
    private static final int MANY = 1024;
    private static final long VICTIMS_ADDRESS = 0x0123_4567_8902L;

    @Test
    void shouldLearnTheVictimsAddressWhenOthersAreChosenToCollideWithIt() {
        // Aimed at the golden ratio's multiplier and at the address bits that any multiplier leaves in their place.
        assertThat(crowdedOut(collidingUnderAWellKnownMultiplier())).isLessThan(TABLES / 10);
        assertThat(crowdedOut(differingInTheHighestBits())).isLessThan(TABLES / 10);
    }

    @Test
    void shouldFindNearlyEveryAddressWhenManyAreLearned() {
        int full = 0;
        for (int i = 0; i < TABLES; i++) {
            MacTable table = new MacTable(2, MANY);
            for (long n = 0; n < MANY; n++) {
                long address = 0x02L | (n << 32);
                if (table.learn(address, VICTIM, 0) == MacTable.Learned.YES) {
                    assertThat(table.lookup(address)).isEqualTo(VICTIM);
                } else {
                    full++;
                }
            }
        }
        // One in 6000 on the average of 20,000 multipliers; of a single one, ten among 1024 now and then.
        assertThat(full).as("of addresses in sequence").isLessThan(TABLES * MANY / 1000);
    }

    @Test
    void shouldGiveAnAddressToItsOwnerWhileAnotherMemberLearnsIt() throws InterruptedException {
        MacTable table = new MacTable(2, LIMIT);
        AtomicBoolean ended = new AtomicBoolean();
        Thread attacker = new Thread(() -> {
            while (!ended.get()) {
                table.learn(VICTIMS_ADDRESS, ATTACKER, System.nanoTime());
            }
        });
        attacker.start();
        try {
            for (int i = 0; i < 20_000; i++) {
                table.vacate(VICTIM);
                table.assign(VICTIMS_ADDRESS, VICTIM);
                int round = i;
                // What the attacker was just about to write, it takes back itself.
                Await.spinning(
                        () -> "the victim has its address in round " + round,
                        () -> table.lookup(VICTIMS_ADDRESS) == VICTIM);
            }
        } finally {
            ended.set(true);
            attacker.join();
        }
        assertThat(table.learn(VICTIMS_ADDRESS, ATTACKER, 0)).isEqualTo(MacTable.Learned.FOREIGN);
        table.vacate(VICTIM);
        assertThat(table.lookup(VICTIMS_ADDRESS)).isEqualTo(MacTable.UNKNOWN);
        assertThat(table.learned(ATTACKER)).isZero();
    }

    @Test
    void shouldKnowInALargerTableWhatTheSmallerOneKnew() {
        MacTable small = new MacTable(2, 8);
        small.assign(0x02, 0);
        for (int i = 1; i <= 8; i++) {
            small.learn(0x02L | (long) i << 32, 1, i);
        }
        MacTable large = small.resized(4, 4);

        assertThat(large.lookup(0x02)).isEqualTo(0);
        assertThat(large.learn(0x02, 1, 0)).isEqualTo(MacTable.Learned.FOREIGN);
        assertThat(large.learned(1)).as("no more than the new limit").isEqualTo(4);
        large.age(100);
        assertThat(large.learned(1)).as("as old as they were").isZero();
        assertThat(large.lookup(0x02)).isEqualTo(0);
    }

    /** In how many tables the attacker's addresses leave no room for the victim's. */
    private static int crowdedOut(List<Long> addresses) {
        int crowded = 0;
        for (int i = 0; i < TABLES; i++) {
            MacTable table = new MacTable(2, LIMIT);
            addresses.forEach(address -> table.learn(address, ATTACKER, 0));
            if (table.learn(VICTIMS_ADDRESS, VICTIM, 0) != MacTable.Learned.YES) {
                crowded++;
            }
        }
        return crowded;
    }

    private static List<Long> collidingUnderAWellKnownMultiplier() {
        List<Long> found = new ArrayList<>();
        for (long address = 2; found.size() < LIMIT; address += 4) {
            if (wellKnown(address) == wellKnown(VICTIMS_ADDRESS)) {
                found.add(address);
            }
        }
        return found;
    }

    private static long wellKnown(long address) {
        return ((address * 0x9e37_79b9_7f4a_7c15L) >>> 40) & 31; // the 32 buckets of such a table
    }

    private static List<Long> differingInTheHighestBits() {
        List<Long> found = new ArrayList<>();
        for (long n = 1; n < 16; n++) {
            found.add(VICTIMS_ADDRESS ^ (n << 44));
        }
        return found;
    }
}
