package io.ringfence.config.document;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that somebody who mistyped probably meant. */
public final class NearestWord {
    /** These two bound the work on hostile input; no key or name of ours is longer. */
    private static final int LENGTH_MAX = 64;

    private static final int WORDS_MAX = 1_000;

    private NearestWord() {}

    /** Returns the one of {@code words} that is fewest typing errors away, if these are at most a third of its length. */
    public static Optional<String> of(String typed, Collection<String> words) {
        if (typed.isEmpty() || typed.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        return words.stream()
                .limit(WORDS_MAX)
                .filter(word -> distance(typed, word) <= Math.max(1, (word.length() + 1) / 3))
                .min(Comparator.comparingInt(word -> distance(typed, word)));
    }

    /** Returns {@code did you mean `word`?} or, where nothing is near, {@code otherwise}. */
    public static String suggestion(String typed, Collection<String> words, String otherwise) {
        return of(typed, words).map(word -> "did you mean `" + word + "`?").orElse(otherwise);
    }

    /** Counts insertions, deletions, replacements and swaps of neighbours (Damerau-Levenshtein, optimal string alignment). */
    static int distance(String a, String b) {
        int[][] distance = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            distance[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            distance[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int replaced = distance[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                int inserted = Math.min(distance[i - 1][j], distance[i][j - 1]) + 1;
                distance[i][j] = Math.min(replaced, inserted);
                if (swapped(a, b, i, j)) {
                    distance[i][j] = Math.min(distance[i][j], distance[i - 2][j - 2] + 1);
                }
            }
        }
        return distance[a.length()][b.length()];
    }

    private static boolean swapped(String a, String b, int i, int j) {
        return i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    }
}
