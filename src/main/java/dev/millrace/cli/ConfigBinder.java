package dev.millrace.cli;

import dev.millrace.training.DeviceChoice;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Binds a tree of {@link ConfigNode}s to records and collects every fault on the way. A component {@code hiddenDim} is the
 * key {@code hidden_dim}; it must be there unless it is annotated {@code @Nullable} or has a {@link Fallback}; nothing else
 * may be there but keys that are ignored by name. One thread at a time.
 */
final class ConfigBinder {
    /** The value of a key that is left out, as it would be written. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface Fallback {
        String value();
    }

    /** The range of a number, both ends allowed unless open. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface Between {
        double min();

        double max();

        boolean openMin() default false;
    }

    /** A record whose keys stand in the section of the record that has it. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.RECORD_COMPONENT)
    @interface Inline {}

    private final String source;
    private final Map<String, String> ignored;
    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, String> places = new LinkedHashMap<>();

    /**
     * @param source named in errors
     * @param ignored dotted keys that are accepted without effect, and why
     */
    ConfigBinder(String source, Map<String, String> ignored) {
        this.source = source;
        this.ignored = Map.copyOf(ignored);
    }

    /** Binds a section, or returns null after noting why it cannot be. */
    <T extends Record> @Nullable T bind(Class<T> type, ConfigNode node) {
        return type.cast(section(type, node, ""));
    }

    /** Notes a fault about a key, with its line if it was written. */
    void fault(String key, String reason) {
        String place = places.get(key);
        faults.add((place == null || place.startsWith("--set") ? "" : place + ": ") + key + " " + reason
                + (place != null && place.startsWith("--set") ? " (from --set)" : ""));
    }

    /** What was accepted without effect. */
    List<String> warnings() {
        return warnings;
    }

    /** @throws ConfigException if there was any fault */
    void check() {
        if (!faults.isEmpty()) {
            throw new ConfigException(source, faults);
        }
    }

    private @Nullable Object section(Class<?> type, ConfigNode node, String path) {
        Map<String, ConfigNode> members = node.members();
        if (members == null) {
            fault(path.isEmpty() ? "the file" : path, "must be a section, found " + node.describe());
            return null;
        }
        members.forEach((key, member) -> places.put(join(path, key), member.where()));
        Set<String> known = new LinkedHashSet<>();
        Object bound = members(type, members, path, known);
        for (String key : members.keySet()) {
            if (!known.contains(key)) {
                unknown(join(path, key), known);
            }
        }
        return bound;
    }

    /** Binds the components of a record to the members of a section; the section may have more. */
    private @Nullable Object members(Class<?> type, Map<String, ConfigNode> members, String path, Set<String> known) {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        boolean sound = true;
        for (int i = 0; i < components.length; i++) {
            String key = keyOf(components[i].getName());
            int before = faults.size();
            if (components[i].isAnnotationPresent(Inline.class)) {
                values[i] = members(components[i].getType(), members, path, known);
            } else {
                known.add(key);
                values[i] = component(components[i], members.get(key), join(path, key));
            }
            sound &= faults.size() == before;
        }
        return sound ? construct(type, components, values) : null;
    }

    private void unknown(String key, Set<String> known) {
        String reason = ignored.get(key);
        if (reason == null) {
            fault(key, "is not known; the keys here are " + String.join(", ", known));
        } else {
            warnings.add(source + ", " + places.get(key) + ": " + key + " has no effect: " + reason);
        }
    }

    private @Nullable Object component(RecordComponent component, @Nullable ConfigNode given, String path) {
        Fallback fallback = component.getAnnotation(Fallback.class);
        boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        Class<?> type = component.getType();
        ConfigNode node = given;
        if (node == null || (node.value() == null && (optional || fallback != null))) {
            if (optional) {
                return null;
            }
            if (type.isRecord() && given == null && fallback == null) {
                node = new ConfigNode(new LinkedHashMap<String, ConfigNode>(), "");
            } else if (fallback != null) {
                node = new ConfigNode(fallback.value(), "");
            } else {
                fault(path, "is missing");
                return null;
            }
        }
        if (type == List.class) {
            return list(component, node, path);
        }
        return value(component.getAnnotation(Between.class), type, node, path);
    }

    private @Nullable Object value(@Nullable Between between, Class<?> type, ConfigNode node, String path) {
        if (type == DeviceChoice.class) {
            return device(node, path);
        }
        return type.isRecord() ? section(type, node, path) : scalar(between, type, node, path);
    }

    private @Nullable DeviceChoice device(ConfigNode node, String path) {
        try {
            return DeviceChoice.parse(String.valueOf(node.value()));
        } catch (IllegalArgumentException e) {
            fault(path, "must be " + DeviceChoice.EXPECTED + ", found " + node.describe());
            return null;
        }
    }

    /** A list of texts, numbers or sections; a single text or number stands for a list of one. */
    private @Nullable Object list(RecordComponent component, ConfigNode node, String path) {
        Class<?> type = (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
        List<?> items = node.value() instanceof List<?> several ? several : List.of(node);
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String key = path + "[" + i + "]";
            ConfigNode item = (ConfigNode) items.get(i);
            places.put(key, item.where());
            Object value = value(component.getAnnotation(Between.class), type, item, key);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private @Nullable Object scalar(@Nullable Between between, Class<?> type, ConfigNode node, String path) {
        Object value = node.value();
        if (type == boolean.class) {
            if (value instanceof Boolean || "true".equals(value) || "false".equals(value)) {
                return Boolean.valueOf(String.valueOf(value));
            }
            fault(path, "must be true or false, found " + node.describe());
            return null;
        }
        if (type == int.class || type == Integer.class || type == long.class || isReal(type)) {
            return number(between, type, node, path);
        }
        if (value instanceof Map<?, ?> || value instanceof List<?> || value == null || "".equals(value)) {
            fault(path, "must be " + (type.isEnum() ? oneOf(type) : "a text") + ", found " + node.describe());
            return null;
        }
        if (type == Path.class) {
            try {
                return Path.of(String.valueOf(value));
            } catch (InvalidPathException e) {
                fault(path, "must be a path, found " + node.describe());
                return null;
            }
        }
        return type.isEnum() ? constant(type, node, path) : String.valueOf(value);
    }

    private @Nullable Object constant(Class<?> type, ConfigNode node, String path) {
        for (Object constant : type.getEnumConstants()) {
            if (nameOf(constant).equals(nameOf(String.valueOf(node.value())))) {
                return constant;
            }
        }
        fault(path, "must be " + oneOf(type) + ", found " + node.describe());
        return null;
    }

    private @Nullable Object number(@Nullable Between between, Class<?> type, ConfigNode node, String path) {
        String range = between == null
                ? (isReal(type) ? "a number" : "a whole number")
                : (isReal(type) ? "a number " : "a whole number ")
                        + (between.openMin() ? "above " : "")
                        + plain(between.min())
                        + (between.openMin() ? " and at most " : "..")
                        + plain(between.max());
        double value = toDouble(node.value());
        boolean whole = value == Math.rint(value) && Math.abs(value) <= 1L << 53;
        boolean inside = between == null
                || ((between.openMin() ? value > between.min() : value >= between.min()) && value <= between.max());
        if (Double.isNaN(value) || Double.isInfinite(value) || !inside || (!isReal(type) && !whole)) {
            fault(path, "must be " + range + ", found " + node.describe());
            return null;
        }
        if (type == int.class || type == Integer.class) {
            if (value != (int) value) {
                fault(path, "must be " + range + ", found " + node.describe());
                return null;
            }
            return (int) value;
        }
        return type == long.class ? (Object) (long) value : (Object) value;
    }

    private static boolean isReal(Class<?> type) {
        return type == double.class || type == Double.class;
    }

    private static double toDouble(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        try {
            // YAML 1.2 reads 1e-4 as text, and a fallback is text always.
            return value instanceof String text && text.matches("[-+.0-9eE]+") ? Double.parseDouble(text) : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static Object construct(Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException e) {
            throw new IllegalStateException(
                    "Cannot make a " + type.getSimpleName() + " of " + Arrays.toString(values), e);
        }
    }

    /** The values of a record under their keys, as {@link #bind} would read them. */
    static Map<String, @Nullable Object> toMap(Record settings) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(settings);
                if (component.isAnnotationPresent(Inline.class) && value instanceof Record section) {
                    map.putAll(toMap(section));
                } else {
                    map.put(keyOf(component.getName()), plainValue(value));
                }
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("Cannot read " + component, e);
            }
        }
        return map;
    }

    private static @Nullable Object plainValue(@Nullable Object value) {
        if (value instanceof DeviceChoice device) {
            return device.toString();
        }
        if (value instanceof Record section) {
            return toMap(section);
        }
        if (value instanceof Enum<?> constant) {
            return nameOf(constant);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(ConfigBinder::plainValue).toList();
        }
        return value instanceof Path path ? path.toString() : value;
    }

    private static String oneOf(Class<?> type) {
        return "one of "
                + String.join(
                        ", ",
                        Arrays.stream(type.getEnumConstants())
                                .map(ConfigBinder::nameOf)
                                .toList());
    }

    /** How a constant is written: in lower case; a hyphen may stand for an underscore. */
    static String nameOf(Object constant) {
        return constant.toString().toLowerCase(Locale.ROOT).replace('-', '_');
    }

    private static String keyOf(String component) {
        return component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
