package dev.millrace;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.millrace.batch.DatasetKind;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is promised to users and what is not, docs/decisions/0019. {@link ArchitectureTest} runs these rules on the classes that it
 * has read anyway.
 */
final class PublicSurfaceRules {
    private static final Set<JavaModifier> SEEN = Set.of(JavaModifier.PUBLIC, JavaModifier.PROTECTED);

    @ArchTest
    static final ArchRule promisedTypes_nameOnlyPromisedTypes = ArchRuleDefinition.classes()
            .should(new ArchCondition<>("name only types that are promised too") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    if (isPromised(type)) {
                        type.getMembers().stream()
                                .filter(PublicSurfaceRules::isPromised)
                                .forEach(member -> addInternalTypes(member, events));
                    }
                }
            });

    @ArchTest
    static final ArchRule internalTypes_areUsedByAnotherPackage = ArchRuleDefinition.classes()
            .should(new ArchCondition<>("be used by another package, or not be public") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                    if (!isPublic(type) || isPromised(type) || isStarted(type) || isUsedUnnamed(type)) {
                        return;
                    }
                    Set<String> packages = type.getDirectDependenciesToSelf().stream()
                            .map(dependency -> dependency.getOriginClass().getPackageName())
                            .collect(Collectors.toCollection(TreeSet::new));
                    packages.remove(type.getPackageName());
                    if (packages.isEmpty()) {
                        events.add(SimpleConditionEvent.violated(
                                type, type.getName() + " is public and @Internal, but no other package uses it."));
                    }
                }
            });

    private static void addInternalTypes(JavaMember member, ConditionEvents events) {
        namedBy(member)
                .filter(named -> !isPromised(named) && !isOverride(member))
                .map(named -> member.getFullName() + " names " + named.getName()
                        + ", which is internal. Mark the member @Internal, or promise the type.")
                .forEach(fault -> events.add(SimpleConditionEvent.violated(member, fault)));
    }

    private static Stream<JavaClass> namedBy(JavaMember member) {
        Stream<JavaClass> declared = member.getAllInvolvedRawTypes().stream();
        return member instanceof JavaCodeUnit unit
                ? Stream.concat(declared, unit.getExceptionTypes().stream().map(JavaClass.class::cast))
                : declared;
    }

    /** Exceptions are made by Millrace alone, so their constructors are no promise. */
    private static boolean isPromised(JavaMember member) {
        boolean exception = member.getOwner().isAssignableTo(Throwable.class);
        return member.getModifiers().stream().anyMatch(SEEN::contains)
                && !member.getModifiers().contains(JavaModifier.SYNTHETIC)
                && !member.isAnnotatedWith(Internal.class)
                && !(exception && member.getName().equals("<init>"));
    }

    /** An inherited method stands with the type that declares it, and may name that type's own row. */
    private static boolean isOverride(JavaMember member) {
        if (!(member instanceof JavaCodeUnit unit)) {
            return false;
        }
        String[] parameters =
                unit.getRawParameterTypes().stream().map(JavaClass::getName).toArray(String[]::new);
        return Stream.concat(
                        member.getOwner().getAllRawSuperclasses().stream(),
                        member.getOwner().getAllRawInterfaces().stream())
                .anyMatch(parent ->
                        parent.tryGetMethod(member.getName(), parameters).isPresent());
    }

    /** Of another library, or public all the way out and not marked. */
    private static boolean isPromised(JavaClass named) {
        JavaClass type = named.getBaseComponentType();
        if (!type.getPackageName().startsWith("dev.millrace")) {
            return true;
        }
        boolean outermost = type.getEnclosingClass().isEmpty();
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && !type.isAnnotatedWith(Internal.class)
                && (outermost
                        ? !type.getPackage().isAnnotatedWith(Internal.class)
                        : isPromised(type.getEnclosingClass().get()));
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(PublicSurfaceRules::isPublic).orElse(true);
    }

    /** A caller's lambda names its interface nowhere, and who chains calls does not name what lies between them. */
    private static boolean isUsedUnnamed(JavaClass type) {
        return type.isInterface() || type.getEnclosingClass().isPresent();
    }

    /** The JVM calls it by name, or makes it as a service. */
    private static boolean isStarted(JavaClass type) {
        return type.tryGetMethod("main", String[].class).isPresent() || type.isAssignableTo(DatasetKind.class);
    }
}
