'use client'

// The names of agent-ui's select on the same Radix parts, with the classes that give it its looks.
import type { ComponentProps } from 'react'
import * as Radix from '@radix-ui/react-select'

import { cn } from '@/lib/utils'

export const Select = Radix.Root
export const SelectGroup = Radix.Group
export const SelectValue = Radix.Value

const TRIGGER =
  'border-input placeholder:text-muted-foreground focus:ring-ring flex w-full items-center justify-between whitespace-nowrap rounded-md border bg-transparent p-3 text-sm shadow-sm ring-offset-background focus:outline-none focus:ring-1 disabled:cursor-not-allowed disabled:opacity-50 [&>span]:line-clamp-1'
const CONTENT =
  'relative z-50 max-h-96 min-w-[8rem] overflow-hidden rounded-xl border bg-primary text-secondary shadow-md data-[side=bottom]:translate-y-1'
const VIEWPORT =
  'flex flex-col gap-1 p-1 h-[var(--radix-select-trigger-height)] w-full min-w-[var(--radix-select-trigger-width)]'
const ITEM =
  'relative flex w-full cursor-default select-none items-center rounded-xl px-2 py-2.5 text-sm outline-none focus:bg-primary/10 focus:text-secondary data-[disabled]:pointer-events-none data-[disabled]:opacity-50'

export function SelectTrigger({
  className,
  children,
  ...rest
}: ComponentProps<typeof Radix.Trigger>) {
  return (
    <Radix.Trigger className={cn(TRIGGER, className)} {...rest}>
      {children}
      <Radix.Icon asChild>
        <span className="opacity-50">⌄</span>
      </Radix.Icon>
    </Radix.Trigger>
  )
}

export function SelectContent({
  className,
  children,
  ...rest
}: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        className={cn(CONTENT, className)}
        position="popper"
        {...rest}
      >
        <Radix.Viewport className={VIEWPORT}>{children}</Radix.Viewport>
      </Radix.Content>
    </Radix.Portal>
  )
}

export function SelectLabel({
  className,
  ...rest
}: ComponentProps<typeof Radix.Label>) {
  return (
    <Radix.Label
      className={cn('px-2 py-1.5 text-sm font-semibold', className)}
      {...rest}
    />
  )
}

export function SelectItem({
  className,
  children,
  ...rest
}: ComponentProps<typeof Radix.Item>) {
  return (
    <Radix.Item className={cn(ITEM, className)} {...rest}>
      <span className="absolute right-2 flex h-3.5 w-3.5 items-center justify-center">
        <Radix.ItemIndicator>✓</Radix.ItemIndicator>
      </span>
      <Radix.ItemText>{children}</Radix.ItemText>
    </Radix.Item>
  )
}
