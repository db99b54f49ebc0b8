package geecache.spring;

import geecache.Geecache;
import geecache.GroupProvider;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Makes the caches that annotations and settings name before the application serves anybody: a node
 * that does not have a cache yet would refuse evicts of other nodes. Registers the groups of the
 * application's beans, too.
 */
final class CacheNames implements SmartInitializingSingleton {
  private final ConfigurableListableBeanFactory beans;
  private final ObjectProvider<CacheManager> managers;
  private final List<String> named;

  CacheNames(
      ConfigurableListableBeanFactory beans,
      ObjectProvider<CacheManager> managers,
      List<String> named) {
    this.beans = beans;
    this.managers = managers;
    this.named = named;
  }

  @Override
  public void afterSingletonsInstantiated() {
    Geecache node = beans.getBean(Geecache.class);
    beans
        .getBeanProvider(GroupProvider.class)
        .orderedStream()
        .forEach(each -> register(each, node));
    if (managers.getIfUnique() instanceof GeecacheCacheManager manager) {
      Set<String> names = new LinkedHashSet<>(named);
      beans
          .getBeanProvider(CacheOperationSource.class)
          .forEach(source -> names.addAll(inAnnotations(source)));
      names.forEach(manager::getCache);
    }
  }

  private static void register(GroupProvider provider, Geecache node) {
    try {
      provider.register(node);
    } catch (Exception failure) {
      throw new IllegalStateException(
          "the group provider " + provider.getClass().getName() + " failed", failure);
    }
  }

  private Set<String> inAnnotations(CacheOperationSource source) {
    Set<String> names = new LinkedHashSet<>();
    for (String bean : beans.getBeanDefinitionNames()) {
      Class<?> type = AutoProxyUtils.determineTargetClass(beans, bean);
      if (type != null && !type.getName().startsWith("org.springframework.")) {
        addNames(ClassUtils.getUserClass(type), source, names);
      }
    }
    return names;
  }

  private static void addNames(Class<?> type, CacheOperationSource source, Set<String> names) {
    if (!source.isCandidateClass(type)) {
      return;
    }
    for (Method method : ReflectionUtils.getUniqueDeclaredMethods(type)) {
      Collection<CacheOperation> operations = source.getCacheOperations(method, type);
      if (operations != null) {
        operations.forEach(operation -> names.addAll(operation.getCacheNames()));
      }
    }
  }
}
