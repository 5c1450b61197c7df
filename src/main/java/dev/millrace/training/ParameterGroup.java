package dev.millrace.training;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Parameters with a learning rate of their own, such as a pre-trained backbone. The first group that matches counts.
 * Immutable.
 *
 * @param prefix start of the parameter names, with or without the two digits that DJL puts before each child's name:
 *     {@code 01encoder_02Linear_weight} is in {@code encoder} and in {@code 01encoder}
 * @param learningRate peak learning rate of the group; the schedule scales it as it scales that of the rest
 */
public record ParameterGroup(String prefix, double learningRate) {
    private static final Pattern CHILD_NUMBER = Pattern.compile("(^|_)\\d\\d(?=[^\\d_])");

    boolean matches(String parameterName) {
        return matches(prefix, parameterName);
    }

    static boolean matches(String prefix, String parameterName) {
        return parameterName.startsWith(prefix)
                || CHILD_NUMBER.matcher(parameterName).replaceAll("$1").startsWith(prefix);
    }

    void addFaults(List<String> faults) {
        if (prefix.isEmpty()) {
            faults.add("a parameter group needs a prefix, found an empty one");
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            faults.add("learning rate of group '" + prefix + "' must be > 0, found " + learningRate);
        }
    }
}
