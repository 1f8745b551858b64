package io.ringfence.dataplane.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A guest that chooses its addresses cannot keep a neighbour's out of the table. */
class MacTableTest {
    private static final int ATTACKER = 0;
    private static final int VICTIM = 1;
    private static final int LIMIT = 64;
    private static final int TABLES = 200;
    private static final long VICTIMS_ADDRESS = 0x0123_4567_8902L;

    @Test
    void shouldLearnTheVictimsAddressWhenOthersAreChosenToCollideWithIt() {
        // Aimed at the golden ratio's multiplier and at the address bits that any multiplier leaves in their place.
        assertThat(crowdedOut(collidingUnderAWellKnownMultiplier())).isLessThan(TABLES / 10);
        assertThat(crowdedOut(differingInTheHighestBits())).isLessThan(TABLES / 10);
    }

    @Test
    void shouldFindEveryAddressWhenManyAreLearned() {
        for (int i = 0; i < TABLES; i++) {
            MacTable table = new MacTable(2, 1024);
            int full = 0;
            for (long n = 0; n < 1024; n++) {
                long address = 0x02L | (n << 32);
                if (table.learn(address, VICTIM, 0) == MacTable.Learned.YES) {
                    assertThat(table.lookup(address)).isEqualTo(VICTIM);
                } else {
                    full++;
                }
            }
            assertThat(full).as("of 1024 addresses in sequence").isLessThan(10);
        }
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
