package dev.millrace.metrics;

import java.util.List;
import java.util.Locale;

/** Which of the values of a metric is the best, as far as its name tells. */
enum MetricGoal {
    /** Losses and errors. */
    LOWEST,
    /** Similarities, accuracies and scores. */
    HIGHEST,
    /** The name does not tell. */
    UNKNOWN;

    private static final List<String> LOW = List.of("loss", "error", "mae", "mse", "rmse", "perplexity", "nll");
    private static final List<String> HIGH =
            List.of("accuracy", "cosine", "f1", "auc", "r2", "precision", "recall", "iou", "score", "similarity");

    /** The goal of a metric by the words of its name. */
    static MetricGoal of(String metric) {
        String lower = metric.toLowerCase(Locale.ROOT);
        List<String> words = List.of(lower.split("[^a-z0-9]+", -1));
        if (HIGH.stream().anyMatch(word -> word.length() > 3 ? lower.contains(word) : words.contains(word))) {
            return HIGHEST;
        }
        return LOW.stream().anyMatch(word -> word.length() > 3 ? lower.contains(word) : words.contains(word))
                ? LOWEST
                : UNKNOWN;
    }
}
